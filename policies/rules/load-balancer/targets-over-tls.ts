import { resourceRule } from "../../rule";

export const rule = resourceRule({
  name: "targets-over-tls",
  title: "Load balancers reach machines over TLS.",
  severity: "low",
  level: "disabled",
  ids: ["CKV_AWS_378"],
  why: "It is off by default: inside of a VPC the traffic cannot be read by others, and few legacy applications speak TLS. Switch it on where the law asks for it.",
  fix: 'Set protocol to "HTTPS".',
  kinds: ["lb/targetGroup"],
  check: ({ props }, report) => {
    if (props.protocol === "HTTP" || props.protocol === "TCP")
      report(`Machines are reached by ${props.protocol}.`);
  },
});
