/** Rules about `links`: what each kind needs, and what it has no use for. */
import { overlaps, parseCidr } from "../../components/network/cidr";
import { vpnNetworks } from "../links";
import type { Finding, Rule } from "./checks";
import { gotText } from "./errors";
import type { LinkConfig } from "./types";

const NEEDS: Record<LinkConfig["kind"], readonly (keyof LinkConfig)[]> = {
  peering: ["host", "vpcId", "cidr"],
  privateLink: ["service"],
  vpn: ["host", "network"],
  address: ["host", "cidr"],
  standIn: ["host", "cidr"],
};
const OPTIONAL: readonly (keyof LinkConfig)[] = ["host", "cidr", "vpcId", "service", "network"];

const keysOfKind: Rule = ({ links = [] }) =>
  links.flatMap((link, i) =>
    OPTIONAL.flatMap((key): Finding[] => {
      const needed = NEEDS[link.kind].includes(key);
      if (needed === (link[key] !== undefined)) return [];
      return [
        {
          path: ["links", i, key],
          uses: [["links", i]],
          got: gotText(link[key]),
          allowed: `with kind ${link.kind}: ${NEEDS[link.kind].join(", ")}`,
          fix: needed ? `Add ${key} to ${link.name}.` : `Remove ${key} from ${link.name}.`,
        },
      ];
    }),
  );

const namesDiffer: Rule = ({ links = [] }) =>
  links.flatMap(({ name }, i) =>
    links.findIndex((other) => other.name === name) === i
      ? []
      : [
          {
            path: ["links", i, "name"],
            uses: [["links", i]],
            got: gotText(name),
            allowed: "a name that no other link has",
            fix: `Rename it, for example to ${name}-${i + 1}.`,
          },
        ],
  );

const networkOfVpn: Rule = ({ links = [], vpn }) => {
  const known = Object.keys(vpnNetworks(vpn));
  return links.flatMap(({ kind, network }, i) =>
    kind !== "vpn" || network === undefined || known.includes(network)
      ? []
      : [
          {
            path: ["links", i, "network"],
            uses: [["links", i], ["vpn"]],
            got: gotText(network),
            allowed: known.length > 0 ? known.join(", ") : "a network of retrofit:vpn, which has none",
            fix: "Name one of them, or add it to retrofit:vpn.",
          },
        ],
  );
};

const peersApart: Rule = ({ links = [], network }) =>
  links.flatMap(({ kind, cidr }, i) => {
    const [own, other] = [parseCidr(network.cidr), parseCidr(cidr ?? "")];
    if (kind !== "peering" || !own || !other || !overlaps(own, other)) return [];
    return [
      {
        path: ["links", i, "cidr"],
        uses: [
          ["links", i],
          ["network", "cidr"],
        ],
        got: gotText(cidr),
        allowed: `a network apart from ${network.cidr}, the environment's own`,
        fix: "Two networks that overlap cannot be peered: use privateLink, or move the environment.",
      },
    ];
  });

export const LINK_RULES: Rule[] = [keysOfKind, namesDiffer, networkOfVpn, peersApart];
