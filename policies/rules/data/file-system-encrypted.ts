import { resourceRule } from "../../rule";
import { isTrue } from "../../values";

export const rule = resourceRule({
  name: "file-system-encrypted",
  title: "File systems are encrypted.",
  severity: "high",
  ids: ["CKV_AWS_42", "AwsSolutions-EFS1", "FSBP.EFS.1", "FSBP.EFS.8", "CIS.2.3.1"],
  why: "It cannot be switched on later: the files would have to be copied to a new file system.",
  fix: "Set encrypted to true.",
  kinds: ["efs/fileSystem"],
  check: ({ props }, report) => {
    if (!isTrue(props.encrypted)) report("The file system is not encrypted.");
  },
  remedy: (props) => (props.encrypted === true ? undefined : { ...props, encrypted: true }),
});
