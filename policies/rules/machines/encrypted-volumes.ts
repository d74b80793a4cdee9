import { resourceRule } from "../../rule";
import { given, isTrue } from "../../values";
import { MACHINES, volumes } from "../shared/machines";

export const rule = resourceRule({
  name: "encrypted-volumes",
  title: "Every volume is encrypted.",
  severity: "high",
  ids: [
    "CKV_AWS_3",
    "CKV_AWS_8",
    "CKV2_AWS_2",
    "AwsSolutions-EC26",
    "FSBP.EC2.3",
    "FSBP.EC2.7",
    "FSBP.EC2.181",
    "CIS.5.1.1",
  ],
  why: "Snapshots and discarded disks otherwise carry the data in the clear. Encryption costs nothing.",
  fix: "Set encrypted: true on the root volume and every further one.",
  kinds: [...MACHINES, "ebs/volume"],
  check: (subject, report) => {
    if (subject.kind === "ebs/volume") {
      if (!isTrue(subject.props.encrypted)) report("The volume is not encrypted.");
      return;
    }
    const all = volumes(subject);
    const known = all.filter(({ snapshotId }) => !snapshotId);
    if (all.length === 0) report("The root volume is as the image has it, mostly not encrypted.");
    if (known.some(({ encrypted }) => !isTrue(encrypted))) report("A volume is not encrypted.");
  },
  remedy: (props) =>
    props.encrypted === true || !given(props, "availabilityZone") || given(props, "ami")
      ? undefined
      : { ...props, encrypted: true },
});
