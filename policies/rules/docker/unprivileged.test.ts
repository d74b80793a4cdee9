import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./unprivileged";

export const examples = ruleTest(rule, {
  violating: {
    privileged: [sample("docker/container", "tool", { image: "tool@sha256:00", privileged: true })],
  },
  compliant: { not: [sample("docker/container", "tool", { image: "tool@sha256:00" })] },
});
