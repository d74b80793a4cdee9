import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./read-only-root";

export const examples = ruleTest(rule, {
  violating: { writable: [sample("docker/container", "tool", { image: "tool@sha256:00" })] },
  compliant: {
    "read-only": [sample("docker/container", "tool", { image: "tool@sha256:00", readOnly: true })],
  },
});
