import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./encrypted-volumes";

export const examples = ruleTest(rule, {
  violating: {
    "an image's own root volume": [sample("ec2/launchTemplate", "web", { imageId: "ami-0123456789abcdef0" })],
    "a mapping": [
      sample("ec2/launchTemplate", "web", {
        blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { volumeSize: 8, encrypted: "false" } }],
      }),
    ],
    "a data volume": [sample("ebs/volume", "data", { availabilityZone: "eu-central-1a", size: 10 })],
  },
  compliant: {
    encrypted: [
      sample("ec2/launchTemplate", "web", {
        blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { volumeSize: 8, encrypted: "true" } }],
      }),
      sample("ebs/volume", "data", { availabilityZone: "eu-central-1a", size: 10, encrypted: true }),
    ],
  },
});
