import { resourceRule } from "../../rule";
import { given } from "../../values";

export const rule = resourceRule({
  name: "current-tls",
  title: "Load balancers speak TLS 1.2 or newer.",
  severity: "high",
  ids: ["CKV_AWS_103", "CKV2_AWS_74", "NIST-ELBv2ACMCertificateRequired", "FSBP.ELB.17"],
  why: "TLS 1.0 and 1.1 are broken, and the default policy of AWS still allows them.",
  fix: 'Set sslPolicy to "ELBSecurityPolicy-TLS13-1-2-2021-06" or newer.',
  kinds: ["lb/listener"],
  check: ({ props }, report) => {
    if (props.protocol !== "HTTPS" && props.protocol !== "TLS") return;
    const policy = String(props.sslPolicy ?? "the default of AWS");
    if (!/TLS13-1-[23]|FS-1-2|TLS-1-2/.test(policy)) report(`sslPolicy is ${policy}.`);
  },
  remedy: (props) =>
    (props.protocol === "HTTPS" || props.protocol === "TLS") && !given(props, "sslPolicy")
      ? { ...props, sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06" }
      : undefined,
});
