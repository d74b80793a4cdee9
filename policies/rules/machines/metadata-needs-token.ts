import { resourceRule } from "../../rule";
import { list } from "../../values";
import { MACHINES } from "../shared/machines";

export const rule = resourceRule({
  name: "metadata-needs-token",
  title: "The instance metadata service answers only those who bring a token (IMDSv2).",
  severity: "high",
  ids: ["CKV_AWS_79", "NIST-EC2IMDSv2Enabled", "FSBP.EC2.8", "FSBP.EC2.170", "FSBP.AutoScaling.3", "CIS.5.7"],
  why: "Without the token, an application that fetches URLs for its users hands them the machine's credentials.",
  fix: 'Set metadataOptions.httpTokens to "required".',
  kinds: MACHINES,
  check: ({ props }, report) => {
    const [options] = list(props.metadataOptions);
    if (options?.httpEndpoint === "disabled") return;
    if (options?.httpTokens !== "required") report("Credentials can be read without a token.");
  },
  remedy: (props) => {
    const [options] = list(props.metadataOptions);
    if (options?.httpTokens === "required" || options?.httpEndpoint === "disabled") return undefined;
    return { ...props, metadataOptions: { httpEndpoint: "enabled", ...options, httpTokens: "required" } };
  },
});
