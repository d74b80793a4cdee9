import { stackRule } from "../../rule";
import { isTrue, isUnknown, knownValue } from "../../values";
import { refusesPlainText } from "../shared/documents";

export const rule = stackRule({
  name: "file-system-tls-only",
  title: "File systems are mounted from private subnets, over TLS.",
  severity: "medium",
  ids: ["FSBP.EFS.6"],
  why: "NFS by itself is neither encrypted nor does it know who asks.",
  fix: 'Add an aws.efs.FileSystemPolicy that denies everything where aws:SecureTransport is "false"; put mount targets into private subnets.',
  kinds: ["efs/fileSystem"],
  waits: "the text of the policy names the file system, which this update creates",
  checkStack: (stack, report) => {
    const undecided: (() => boolean)[] = [];
    for (const files of stack.of("efs/fileSystem")) {
      const publicly = stack
        .pointing("efs/mountTarget", "fileSystemId", files)
        .flatMap((target) => stack.targets(target, "subnetId", "ec2/subnet"))
        .some(({ props }) => isTrue(knownValue(props, "mapPublicIpOnLaunch")));
      if (publicly) report(files, "A mount target is in a subnet that gives public addresses.");
      const policies = stack.pointing("efs/fileSystemPolicy", "fileSystemId", files);
      const refuses = () => policies.some(({ props }) => refusesPlainText(props.policy));
      if (policies.some(({ props }) => isUnknown(props, "policy"))) undecided.push(refuses);
      else if (!refuses()) report(files, "The file system takes connections without TLS.");
    }
    for (const refuses of undecided) refuses();
  },
});
