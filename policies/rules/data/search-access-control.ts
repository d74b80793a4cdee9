import { resourceRule } from "../../rule";
import { given, isTrue, list } from "../../values";
import { allowed } from "../shared/documents";

export const rule = resourceRule({
  name: "search-access-control",
  title: "OpenSearch domains know their users, and no policy lets everybody in.",
  severity: "high",
  ids: ["CKV2_AWS_52", "AwsSolutions-OS5", "FSBP.Opensearch.7"],
  why: "Without fine-grained access control whoever reaches the domain reads and deletes every index.",
  fix: "Set advancedSecurityOptions.enabled to true and name principals in the access policy.",
  kinds: ["opensearch/domain", "opensearch/domainPolicy"],
  waits: "the text of the access policy names the domain, which this update creates",
  check: ({ kind, props }, report) => {
    const finegrained =
      kind === "opensearch/domain" && isTrue(list(props.advancedSecurityOptions)[0]?.enabled);
    if (kind === "opensearch/domain" && !finegrained) report("The domain does not know its users.");
    if (!given(props, "accessPolicies") || finegrained) return;
    const open = allowed(props.accessPolicies).some(
      ({ principals, condition }) => principals.includes("*") && Object.keys(condition).length === 0,
    );
    if (open) report("The access policy lets everybody in.");
  },
});
