import { stackRule } from "../../rule";
import { knownValue } from "../../values";

export const rule = stackRule({
  name: "web-application-firewall",
  title: "In prod-like environments load balancers on the internet have a web application firewall.",
  severity: "low",
  level: "advisory",
  only: "protected",
  ids: ["CKV2_AWS_28", "NIST-ALBWAFEnabled", "FSBP.ELB.16"],
  why: "It takes off known attacks and floods before they reach an application that was not written for the internet.",
  fix: "Add an aws.wafv2.WebAclAssociation for the load balancer, or say by an exception what guards it instead.",
  kinds: ["lb/loadBalancer"],
  checkStack: (stack, report) => {
    for (const balancer of stack.of("lb/loadBalancer")) {
      if (knownValue(balancer.props, "internal") === true) continue;
      if ((knownValue(balancer.props, "loadBalancerType") ?? "application") !== "application") continue;
      if (stack.pointing("wafv2/webAclAssociation", "resourceArn", balancer).length === 0) {
        report(balancer, "The load balancer is on the internet and has no web application firewall.");
      }
    }
  },
});
