import { resourceRule } from "../../rule";
import { list } from "../../values";
import { tunnels } from "../shared/vpn";

export const rule = resourceRule({
  name: "vpn-ikev2-only",
  title: "VPN tunnels speak IKEv2 only.",
  severity: "high",
  ids: ["FSBP.EC2.183"],
  why: "IKEv1 lets an eavesdropper try keys at home, and AWS allows it where nothing is said.",
  fix: 'Set tunnel1IkeVersions and tunnel2IkeVersions to ["ikev2"].',
  kinds: ["ec2/vpnConnection"],
  check: ({ props }, report) => {
    for (const [number, tunnel] of tunnels(props)) {
      const versions = list<string>(tunnel("IkeVersions"));
      if (versions.length !== 1 || versions[0] !== "ikev2") {
        report(`Tunnel ${number} takes ${versions.length === 0 ? "any version" : versions.join(" and ")}.`);
      }
    }
  },
});
