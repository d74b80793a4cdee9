import { resourceRule } from "../../rule";
import { list } from "../../values";
import { allowed, type Statement } from "../shared/documents";

/** Where anybody may have a token, so that only its subject says whose it is. */
const SHARED_ISSUERS =
  /:oidc-provider\/(token\.actions\.githubusercontent\.com|gitlab\.com|app\.terraform\.io)$/;

export const rule = resourceRule({
  name: "roles-trust-whom-they-name",
  title: "Roles are assumed by principals that they name, and from CI by one's own repositories.",
  severity: "critical",
  ids: ["CKV_AWS_60", "CKV_AWS_61", "CKV_AWS_393"],
  why: "A role that everybody may assume is everybody's, and any repository on a public CI has tokens of the same issuer.",
  fix: 'Name the service, account or role; for CI add a condition on the token\'s subject, such as "repo:shop/web:environment:prod".',
  kinds: ["iam/role"],
  waits: "the policy names what this update creates",
  check: ({ props }, report) => {
    for (const statement of allowed(props.assumeRolePolicy)) {
      const { principals, condition } = statement;
      if (principals.includes("*") && Object.keys(condition).length === 0)
        report("Everybody may assume the role.");
      if (principals.some((one) => SHARED_ISSUERS.test(one)) && !subjects(statement).every(named))
        report("Every repository of the CI system may assume the role.");
    }
  },
});

/** What a token's subject may be; where nothing is said, anything. */
function subjects({ condition }: Statement): string[] {
  const said = ["StringEquals", "StringLike"].flatMap((operator) =>
    Object.entries<string | string[]>(condition[operator] ?? {})
      .filter(([key]) => key.endsWith(":sub"))
      .flatMap(([, value]) => list(value)),
  );
  return said.length > 0 ? said : ["*"];
}

/** `repo:shop/*` names an owner, `repo:*` nobody. */
const named = (subject: string): boolean => /^[\w-]+:[^*?/]+/.test(subject);
