import { choice, group, whole } from "../keys";

export const deployment = choice(
  ["blueGreen", "inPlace"],
  "How a release gets onto machines: fresh ones beside those that serve, or the running ones one at a time.",
  "blueGreen",
);

export const keep = group(
  "What happens to the former release's machines when a release is live.",
  {
    standby: choice(
      ["hot", "warm", "none"],
      "hot keeps all of its machines running, warm as many as `machines` says, none takes them away after the bake.",
      "hot",
    ).optional(),
    machines: whole(1, 500, "Machines of a warm standby.", 1).optional(),
    bakeSeconds: whole(
      0,
      86_400,
      "How long `retrofit release` watches the new release; an alarm in this time puts the traffic back. 0 does not.",
      300,
    ).optional(),
  },
  { standby: "warm", machines: 1, bakeSeconds: 300 },
);
