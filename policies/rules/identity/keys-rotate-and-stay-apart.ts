import { resourceRule } from "../../rule";
import { given, isTrue } from "../../values";
import { allowed, IDENTITY_POLICIES } from "../shared/documents";

export const rule = resourceRule({
  name: "keys-rotate-and-stay-apart",
  title: "Keys rotate, and no policy decrypts with every key.",
  severity: "high",
  ids: ["CKV_AWS_7", "CKV_AWS_33", "AwsSolutions-KMS5", "FSBP.KMS.1", "FSBP.KMS.2", "FSBP.KMS.4", "CIS.3.6"],
  why: "kms:Decrypt on * makes all keys one key.",
  fix: "Set enableKeyRotation to true; name the keys in policies.",
  kinds: ["kms/key", ...Object.keys(IDENTITY_POLICIES)],
  waits: "the policy names resources that this update creates",
  check: ({ kind, props }, report) => {
    if (kind === "kms/key") {
      const symmetric =
        (props.customerMasterKeySpec ?? props.keySpec ?? "SYMMETRIC_DEFAULT") === "SYMMETRIC_DEFAULT";
      if (symmetric && !isTrue(props.enableKeyRotation)) report("The key does not rotate.");
      const open = allowed(props.policy).some(
        ({ principals, condition }) => principals.includes("*") && Object.keys(condition).length === 0,
      );
      if (open) report("The key's policy lets every account use it.");
      return;
    }
    for (const document of IDENTITY_POLICIES[kind]?.(props) ?? []) {
      const open = allowed(document).some(
        ({ actions, resources, condition }) =>
          actions.some((action) => /^kms:(\*|Decrypt|ReEncryptFrom|ReEncrypt\*)$/i.test(action)) &&
          resources.some((resource) => resource === "*" || /:key\/\*$/.test(resource)) &&
          Object.keys(condition).length === 0,
      );
      if (open) report("Every key may be used to decrypt.");
    }
  },
  remedy: (props) =>
    given(props, "enableKeyRotation") ||
    given(props, "assumeRolePolicy") ||
    given(props, "role") ||
    given(props, "policy")
      ? undefined
      : { ...props, enableKeyRotation: true },
});
