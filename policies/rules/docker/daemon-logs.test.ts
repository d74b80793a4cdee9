import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./daemon-logs";

export const examples = ruleTest(rule, {
  violating: {
    "the default": [
      sample("ec2/instance", "docker", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        userData: '#cloud-config\nwrite_files:\n  - path: /etc/docker/daemon.json\n    content: "{}"\n',
      }),
    ],
  },
  compliant: {
    journald: [
      sample("ec2/instance", "docker", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        userData: `#cloud-config\nwrite_files:\n  - path: /etc/docker/daemon.json\n    content: '{"log-driver":"journald"}'\n`,
      }),
    ],
  },
});
