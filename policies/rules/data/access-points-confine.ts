import { resourceRule } from "../../rule";
import { given, list } from "../../values";

export const rule = resourceRule({
  name: "access-points-confine",
  title: "Access points lead to one folder and act as one user.",
  severity: "medium",
  ids: ["CKV_AWS_329", "CKV_AWS_330", "FSBP.EFS.3", "FSBP.EFS.4"],
  why: "Otherwise an application that is broken into reads and changes the files of all others.",
  fix: "Set rootDirectory.path to a folder below /, and posixUser with uid and gid.",
  kinds: ["efs/accessPoint"],
  check: ({ props }, report) => {
    const path = list(props.rootDirectory)[0]?.path;
    if (!path || path === "/") report("The access point leads to the root of the file system.");
    if (!given(props, "posixUser")) report("Clients choose themselves who they are.");
  },
});
