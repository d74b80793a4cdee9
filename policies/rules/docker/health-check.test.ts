import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./health-check";

export const examples = ruleTest(rule, {
  violating: { none: [sample("docker/container", "tool", { image: "tool@sha256:00" })] },
  compliant: {
    one: [
      sample("docker/container", "tool", {
        image: "tool@sha256:00",
        healthcheck: { tests: ["CMD", "curl", "-f", "http://localhost/"] },
      }),
    ],
  },
});
