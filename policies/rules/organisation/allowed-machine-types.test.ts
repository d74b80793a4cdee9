import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./allowed-machine-types";

export const examples = ruleTest(rule, {
  violating: {
    "a large one": [sample("ec2/launchTemplate", "web", { instanceType: "m6i.24xlarge" })],
    "another of the family": [
      sample("ec2/instance", "docker", { ami: "ami-0123456789abcdef0", instanceType: "m6i.2xlarge" }),
    ],
  },
  compliant: {
    "an allowed one": [sample("ec2/launchTemplate", "web", { instanceType: "t3.small" })],
    "one of an allowed kind": [sample("ec2/launchTemplate", "docker", { instanceType: "m6a.xlarge" })],
  },
  settings: { types: ["t3.small", "m6{i,a}.{large,xlarge}"] },
});
