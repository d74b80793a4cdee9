import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./container-limits";

export const examples = ruleTest(rule, {
  violating: { none: [sample("docker/container", "tool", { image: "tool@sha256:00" })] },
  compliant: {
    both: [sample("docker/container", "tool", { image: "tool@sha256:00", memory: 256, cpuShares: 512 })],
  },
});
