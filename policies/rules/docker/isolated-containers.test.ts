import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./isolated-containers";

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
    apart: [
      sample("ec2/instance", "docker", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        userData: `#cloud-config\nwrite_files:\n  - path: /etc/docker/daemon.json\n    content: '${JSON.stringify({ icc: false, "userns-remap": "default", "userland-proxy": false })}'\n`,
      }),
    ],
    "no Docker host": [
      sample("ec2/instance", "pet", { ami: "ami-0123456789abcdef0", instanceType: "t3.small" }),
    ],
  },
});
