import { resourceRule } from "../../rule";

export const rule = resourceRule({
  name: "no-users",
  title: "People and machines use roles: no users, keys, or policies on users.",
  severity: "high",
  ids: ["CKV_AWS_40", "CKV_AWS_273", "CKV_AWS_348", "CKV2_AWS_22", "NIST-IAMUserNoPolicies", "FSBP.IAM.2"],
  why: "A user's keys never expire and end up in files and repositories.",
  fix: "Use a role: of the machine, by OIDC from CI, by single sign-on for people.",
  kinds: ["iam/user", "iam/accessKey", "iam/userPolicy", "iam/userPolicyAttachment", "iam/userLoginProfile"],
  check: ({ kind }, report) => report(`${kind.split("/")[1]} is for users.`),
});
