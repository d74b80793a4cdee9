import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./strong-proposals";

export const examples = ruleTest(rule, {
  violating: {
    "nothing said": [
      sample("ec2/vpnConnection", "office", {
        customerGatewayId: "cgw-12345678",
        type: "ipsec.1",
        vpnGatewayId: "vgw-12345678",
      }),
    ],
    "group 2 and SHA-1 among others": [
      sample("ec2/vpnConnection", "office", {
        customerGatewayId: "cgw-12345678",
        type: "ipsec.1",
        vpnGatewayId: "vgw-12345678",
        tunnel1Phase1DhGroupNumbers: [2, 14],
        tunnel1Phase1IntegrityAlgorithms: ["SHA1", "SHA2-256"],
      }),
    ],
  },
  compliant: {
    listed: [
      sample("ec2/vpnConnection", "office", {
        customerGatewayId: "cgw-12345678",
        type: "ipsec.1",
        vpnGatewayId: "vgw-12345678",
        ...Object.fromEntries(
          [1, 2].flatMap((tunnel) =>
            [1, 2].flatMap((phase) => [
              [`tunnel${tunnel}Phase${phase}DhGroupNumbers`, [19, 20]],
              [`tunnel${tunnel}Phase${phase}IntegrityAlgorithms`, ["SHA2-256"]],
              [`tunnel${tunnel}Phase${phase}EncryptionAlgorithms`, ["AES256", "AES256-GCM-16"]],
            ]),
          ),
        ),
      }),
    ],
  },
});
