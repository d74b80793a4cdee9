import { resourceRule } from "../../rule";

export const rule = resourceRule({
  name: "machines-within-budget",
  title: "Auto Scaling groups cannot grow beyond the budget.",
  severity: "medium",
  ids: [],
  why: "Scaling answers an attack, or a loop in a client, by spending money.",
  fix: "Lower maxSize, or raise the parameter `machines` together with the budget.",
  kinds: ["autoscaling/group", "autoscaling/schedule"],
  parameters: { machines: { type: "integer", minimum: 0 } },
  check: ({ props }, report, { settings }) => {
    const most: number = settings.machines ?? 50;
    const size = Number(props.maxSize ?? 0);
    if (size > most) report(`maxSize is ${size}, and ${most} machines are within the budget.`);
  },
});
