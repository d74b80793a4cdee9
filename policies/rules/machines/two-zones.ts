import { resourceRule } from "../../rule";
import { isUnknown, list, raw } from "../../values";

export const rule = resourceRule({
  name: "machines-in-two-zones",
  title: "Auto Scaling groups spread over two zones or more.",
  severity: "medium",
  ids: ["FSBP.AutoScaling.2"],
  why: "With one zone, its outage is the application's.",
  fix: "Give subnets of two zones or more as vpcZoneIdentifiers.",
  kinds: ["autoscaling/group"],
  check: ({ props }, report) => {
    if (isUnknown(props, "vpcZoneIdentifiers") || isUnknown(props, "availabilityZones")) return;
    const zones = [raw(props).vpcZoneIdentifiers, raw(props).availabilityZones].map(
      (some) => list<unknown>(raw(some)).length,
    );
    if (Math.max(...zones) < 2) report("The group has one zone.");
  },
});
