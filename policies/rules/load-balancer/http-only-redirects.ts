import { resourceRule } from "../../rule";
import { list } from "../../values";

export const rule = resourceRule({
  name: "http-only-redirects",
  title: "In prod-like environments plain HTTP does nothing but lead to HTTPS.",
  severity: "high",
  only: "protected",
  ids: ["CKV_AWS_2", "CKV2_AWS_20", "NIST-ALBHttpToHttpsRedirection", "FSBP.ELB.1"],
  why: "Whoever is between the user and the load balancer reads and changes what is sent in the clear.",
  fix: "Give the environment a certificate; its port 80 then redirects to HTTPS.",
  kinds: ["lb/listener"],
  check: ({ props }, report) => {
    if (!["HTTP", "TCP", undefined].includes(props.protocol)) return;
    if (props.protocol !== "HTTP" && Number(props.port) !== 80) return;
    const redirects = list(props.defaultActions).every(
      ({ type, redirect }) => type === "redirect" && list(redirect)[0]?.protocol === "HTTPS",
    );
    if (!redirects) report(`The listener on port ${props.port} answers in the clear.`);
  },
});
