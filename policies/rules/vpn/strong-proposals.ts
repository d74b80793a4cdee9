import { resourceRule } from "../../rule";
import { list } from "../../values";
import { tunnels } from "../shared/vpn";

/** What a tunnel may agree on. Of several allowed values AWS takes the weakest that the other side proposes. */
const STRONG: Record<string, (value: string) => boolean> = {
  Phase1DhGroupNumbers: (group) => Number(group) >= 14,
  Phase2DhGroupNumbers: (group) => Number(group) >= 14,
  Phase1IntegrityAlgorithms: (name) => /^SHA2-/.test(name),
  Phase2IntegrityAlgorithms: (name) => /^SHA2-/.test(name),
  Phase1EncryptionAlgorithms: (name) => name !== "AES128",
  Phase2EncryptionAlgorithms: (name) => name !== "AES128",
};

export const rule = resourceRule({
  name: "vpn-strong-proposals",
  title: "VPN tunnels agree on strong algorithms only.",
  severity: "high",
  ids: [],
  why: "Where nothing is said, AWS accepts SHA-1 and Diffie-Hellman group 2, which are broken or nearly so.",
  fix: "List what is allowed: groups 14 and up, SHA2, AES256 or AES-GCM.",
  kinds: ["ec2/vpnConnection"],
  check: ({ props }, report) => {
    for (const [number, tunnel] of tunnels(props)) {
      for (const [setting, strong] of Object.entries(STRONG)) {
        const values = list<string | number>(tunnel(setting)).map(String);
        const weak = values.filter((value) => !strong(value));
        if (values.length === 0)
          report(`tunnel${number}${setting} is not given: AWS then takes weak ones too.`);
        else if (weak.length > 0) report(`tunnel${number}${setting} allows ${weak.join(", ")}.`);
      }
    }
  },
});
