import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./no-insecure-registries";

export const examples = ruleTest(rule, {
  violating: {
    one: [
      sample("ec2/instance", "docker", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        userData: `#cloud-config\nwrite_files:\n  - path: /etc/docker/daemon.json\n    content: '{"insecure-registries":["10.0.0.5:5000"]}'\n`,
      }),
    ],
  },
  compliant: {
    none: [
      sample("ec2/instance", "docker", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        userData: '#cloud-config\nwrite_files:\n  - path: /etc/docker/daemon.json\n    content: "{}"\n',
      }),
    ],
  },
});
