import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./targets-over-tls";

export const examples = ruleTest(rule, {
  violating: {
    HTTP: [sample("lb/targetGroup", "web", { port: 8080, protocol: "HTTP", vpcId: "vpc-12345678" })],
  },
  compliant: {
    HTTPS: [sample("lb/targetGroup", "web", { port: 8443, protocol: "HTTPS", vpcId: "vpc-12345678" })],
  },
});
