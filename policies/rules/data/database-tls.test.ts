import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./database-tls";

export const examples = ruleTest(rule, {
  violating: {
    "not set": [sample("rds/parameterGroup", "db", { family: "postgres16" })],
    "switched off": [
      sample("rds/parameterGroup", "db", {
        family: "mysql8.0",
        parameters: [{ name: "require_secure_transport", value: "0" }],
      }),
    ],
  },
  compliant: {
    forced: [
      sample("rds/parameterGroup", "db", {
        family: "postgres16",
        parameters: [{ name: "rds.force_ssl", value: "1" }],
      }),
    ],
  },
});
