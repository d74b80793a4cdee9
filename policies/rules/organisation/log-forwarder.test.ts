import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./log-forwarder";

export const examples = ruleTest(rule, {
  violating: {
    none: [
      sample("ec2/instance", "pet", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        userData: "#cloud-config\npackages: [nodejs]\n",
      }),
    ],
  },
  compliant: {
    one: [
      sample("ec2/instance", "pet", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        userData: "#cloud-config\npackages: [syslog-ng-core]\n",
      }),
    ],
  },
  settings: { forwarders: ["syslog-ng", "fluent-bit"] },
});
