import { resourceRule } from "../../rule";
import { given, list } from "../../values";

export const rule = resourceRule({
  name: "search-in-vpc",
  title: "OpenSearch domains are in a VPC, behind security groups of their own.",
  severity: "critical",
  ids: ["CKV_AWS_137", "CKV_AWS_248", "AwsSolutions-OS1", "FSBP.Opensearch.2"],
  why: "Outside of a VPC the domain's address is public, and one policy stands between the logs and the world.",
  fix: "Set vpcOptions with subnetIds and securityGroupIds. It cannot be changed later without a new domain.",
  kinds: ["opensearch/domain"],
  check: ({ props }, report) => {
    const [options] = list(props.vpcOptions);
    if (!options || !given(options, "subnetIds")) report("The domain is not in a VPC.");
    else if (!given(options, "securityGroupIds"))
      report("The domain is in the VPC's default security group.");
  },
});
