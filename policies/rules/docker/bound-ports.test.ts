import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./bound-ports";

export const examples = ruleTest(rule, {
  violating: {
    everywhere: [
      sample("docker/container", "tool", {
        image: "tool@sha256:00",
        ports: [{ internal: 80, external: 8080 }],
      }),
    ],
  },
  compliant: {
    "one address": [
      sample("docker/container", "tool", {
        image: "tool@sha256:00",
        ports: [{ internal: 80, external: 8080, ip: "127.0.0.1" }],
      }),
    ],
  },
});
