import { resourceRule } from "../../rule";
import { isTrue, list } from "../../values";
import { MACHINES } from "../shared/machines";

export const rule = resourceRule({
  name: "no-public-address",
  title: "Machines have no public addresses.",
  severity: "high",
  ids: ["CKV_AWS_88", "CKV_AWS_389", "NIST-EC2InstanceNoPublicIp", "FSBP.EC2.9", "FSBP.EC2.25"],
  why: "Users come through the load balancer and administrators through SSM; a public address serves attackers only.",
  fix: "Leave associatePublicIpAddress off and start the machine in a private subnet.",
  kinds: MACHINES,
  check: ({ props }, report) => {
    const interfaces = list(props.networkInterfaces);
    if (
      isTrue(props.associatePublicIpAddress) ||
      interfaces.some((one) => isTrue(one.associatePublicIpAddress))
    ) {
      report("A public address is asked for.");
    }
  },
});
