import { resourceRule } from "../../rule";
import { isTrue } from "../../values";

export const rule = resourceRule({
  name: "no-automatic-public-addresses",
  title: "No subnet gives public addresses to whatever starts in it.",
  severity: "medium",
  ids: ["CKV_AWS_130", "NIST-VPCSubnetAutoAssignPublicIpDisabled", "FSBP.EC2.15"],
  why: "A machine started in the wrong subnet would be on the internet without anybody having said so.",
  fix: "Leave mapPublicIpOnLaunch off; load balancers and NAT gateways do not need it.",
  kinds: ["ec2/subnet", "ec2/defaultSubnet"],
  check: ({ props }, report) => {
    if (isTrue(props.mapPublicIpOnLaunch)) report("mapPublicIpOnLaunch is on.");
  },
  remedy: (props) =>
    props.mapPublicIpOnLaunch === true ? { ...props, mapPublicIpOnLaunch: false } : undefined,
});
