import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./capabilities-dropped";

export const examples = ruleTest(rule, {
  violating: {
    "the default": [sample("docker/container", "tool", { image: "tool@sha256:00" })],
    "an administrator": [
      sample("docker/container", "tool", {
        image: "tool@sha256:00",
        capabilities: { drops: ["ALL"], adds: ["SYS_ADMIN"] },
      }),
    ],
  },
  compliant: {
    dropped: [
      sample("docker/container", "tool", {
        image: "tool@sha256:00",
        capabilities: { drops: ["ALL"], adds: ["CHOWN"] },
      }),
    ],
  },
});
