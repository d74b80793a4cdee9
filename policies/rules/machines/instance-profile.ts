import { resourceRule } from "../../rule";
import { given } from "../../values";

export const rule = resourceRule({
  name: "instance-profile",
  title: "Machines have a role, so that SSM can reach them.",
  severity: "medium",
  ids: ["CKV2_AWS_41", "NIST-EC2InstanceProfileAttached", "FSBP.SSM.1", "CIS.1.17"],
  why: "Without one somebody puts keys on the machine, and opens SSH to administer it.",
  fix: "Attach an instance profile whose role has AmazonSSMManagedInstanceCore.",
  kinds: ["ec2/instance", "ec2/launchTemplate"],
  check: ({ props }, report) => {
    if (!given(props, "iamInstanceProfile")) report("No instance profile is attached.");
  },
});
