import { stackRule } from "../../rule";
import { isTrue, knownValue, list } from "../../values";

export const rule = stackRule({
  name: "load-balancer-access-logs",
  title: "In prod-like environments load balancers keep access logs.",
  severity: "medium",
  only: "protected",
  ids: ["CKV_AWS_91", "AwsSolutions-ELB2", "FSBP.ELB.5"],
  why: "They answer who asked for what, also when the application has said nothing.",
  fix: "Set accessLogs with enabled: true and a bucket.",
  kinds: ["lb/loadBalancer"],
  checkStack: (stack, report) => {
    for (const balancer of stack.of("lb/loadBalancer")) {
      if (isTrue(list(balancer.props.accessLogs)[0]?.enabled)) continue;
      const listeners = stack.pointing("lb/listener", "loadBalancerArn", balancer);
      const hasTls = listeners.some(({ props }) => knownValue(props, "protocol") === "TLS");
      // A network load balancer writes nothing but what it has decrypted itself.
      if (knownValue(balancer.props, "loadBalancerType") !== "network" || hasTls)
        report(balancer, "Access logs are off.");
    }
  },
});
