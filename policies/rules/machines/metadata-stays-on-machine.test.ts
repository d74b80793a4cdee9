import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./metadata-stays-on-machine";

export const examples = ruleTest(rule, {
  violating: {
    "two hops for a machine without containers": [
      sample("ec2/launchTemplate", "web", {
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 2 },
      }),
    ],
  },
  compliant: {
    "one hop": [
      sample("ec2/launchTemplate", "web", {
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
      }),
    ],
    "two on a Docker host": [
      sample("ec2/instance", "docker", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 2 },
        userData: '#cloud-config\nwrite_files:\n  - path: /etc/docker/daemon.json\n    content: "{}"\n',
      }),
    ],
  },
});
