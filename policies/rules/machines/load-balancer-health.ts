import { stackRule } from "../../rule";
import { given, knownItems, knownValue } from "../../values";

export const rule = stackRule({
  name: "load-balancer-health",
  title: "An Auto Scaling group behind a load balancer replaces machines that the load balancer finds ill.",
  severity: "medium",
  ids: [
    "CKV2_AWS_15",
    "AwsSolutions-AS2",
    "NIST-AutoScalingGroupELBHealthCheckRequired",
    "FSBP.AutoScaling.1",
  ],
  why: "By EC2's own checks a machine is healthy while its application has crashed.",
  fix: 'Set healthCheckType to "ELB".',
  kinds: ["autoscaling/group"],
  checkStack: (stack, report) => {
    for (const group of stack.of("autoscaling/group")) {
      const behind =
        ["targetGroupArns", "loadBalancers", "trafficSources"].some(
          (key) =>
            given(group.props, key) && (group.dependencies[key] || knownItems(group.props, key).length > 0),
        ) ||
        stack.pointing(
          ["autoscaling/attachment", "autoscaling/trafficSourceAttachment"],
          "autoscalingGroupName",
          group,
        ).length > 0;
      if (behind && knownValue(group.props, "healthCheckType") !== "ELB") {
        report(group, "The group is behind a load balancer and does not ask it who is healthy.");
      }
    }
  },
});
