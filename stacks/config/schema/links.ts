import { networkFix } from "../formats";
import { checked, choice, group, list, text, whole } from "../keys";

const HOST = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

const link = group(
  "A system of the business that the machines use.",
  {
    name: text(/^[a-z][a-z0-9-]{0,30}$/, {
      is: "Name, different for each link; the application finds it as LINK_<NAME>_HOST and LINK_<NAME>_PORT.",
      allowed: "lower-case letters, digits and hyphens, at most 31, beginning with a letter",
      example: "erp",
    }),
    kind: choice(
      ["peering", "privateLink", "vpn", "address", "standIn"],
      "How it is reached: a peered VPC, an endpoint service, the VPN, an address, or something that stands in for it here.",
      "vpn",
    ),
    host: text(HOST, {
      is: "Name or address of the system. A privateLink has one of its own.",
      allowed: "a host name or an IPv4 address",
      example: "erp.example.internal",
    }).optional(),
    port: whole(1, 65535, "TCP port, the only one that is opened to it.", 443),
    cidr: checked((cidr) => networkFix(cidr, 8), {
      is: "peering, address, standIn: the network that the port is opened to.",
      allowed: "an IPv4 network from /8 to /32",
      example: "10.200.0.0/16",
    }).optional(),
    vpcId: text(/^vpc-[0-9a-f]{8,17}$/, {
      is: "peering: the other VPC, of the same account and region.",
      allowed: "vpc- and 8 to 17 hexadecimal digits",
      example: "vpc-0123456789abcdef0",
    }).optional(),
    service: text(/^com\.amazonaws\.[a-z0-9.-]+$/, {
      is: "privateLink: name of the endpoint service.",
      allowed: "a service name such as com.amazonaws.vpce.eu-central-1.vpce-svc-0123456789abcdef0",
      example: "com.amazonaws.vpce.eu-central-1.vpce-svc-0123456789abcdef0",
    }).optional(),
    network: text(/^[a-z][a-z0-9-]{0,30}$/, {
      is: "vpn: name of the network in retrofit:vpn that it is in.",
      allowed: "the name of a network in retrofit:vpn",
      example: "legacy",
    }).optional(),
  },
  { name: "erp", kind: "vpn", network: "legacy", host: "192.168.50.10", port: 443 },
);

export const links = list(link, {
  is: "The business's other systems that the application uses, and what may pass. `retrofit links check` tries them.",
  allowed: "a list of links, each with name, kind and port",
  example: [{ name: "erp", kind: "standIn", host: "10.10.0.5", cidr: "10.10.0.5/32", port: 443 }],
});
