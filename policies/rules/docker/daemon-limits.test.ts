import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./daemon-limits";

export const examples = ruleTest(rule, {
  violating: {
    "the defaults": [
      sample("ec2/instance", "docker", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        userData: '#cloud-config\nwrite_files:\n  - path: /etc/docker/daemon.json\n    content: "{}"\n',
      }),
    ],
  },
  compliant: {
    limited: [
      sample("ec2/instance", "docker", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        userData: `#cloud-config\nwrite_files:\n  - path: /etc/docker/daemon.json\n    content: '${JSON.stringify({ "default-ulimits": { nofile: { Name: "nofile", Soft: 1024, Hard: 4096 } }, "no-new-privileges": true })}'\n`,
      }),
    ],
  },
});
