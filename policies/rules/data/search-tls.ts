import { resourceRule } from "../../rule";
import { isTrue, list } from "../../values";

export const rule = resourceRule({
  name: "search-tls",
  title: "OpenSearch domains take HTTPS with TLS 1.2 or newer only.",
  severity: "high",
  ids: ["CKV_AWS_83", "CKV_AWS_228", "FSBP.Opensearch.8"],
  why: "The default still takes TLS 1.0, and plain HTTP.",
  fix: 'Set domainEndpointOptions with enforceHttps: true and tlsSecurityPolicy: "Policy-Min-TLS-1-2-PFS-2023-10".',
  kinds: ["opensearch/domain"],
  check: ({ props }, report) => {
    const [options] = list(props.domainEndpointOptions);
    if (!isTrue(options?.enforceHttps)) report("Plain HTTP is answered.");
    if (!/TLS-1-[23]/.test(String(options?.tlsSecurityPolicy))) report("TLS 1.0 is taken.");
  },
});
