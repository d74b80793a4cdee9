/** Rules about an environment among the others, and about how long it lives. */
import { overlaps, parseCidr } from "../../components/network/cidr";
import type { Rule } from "./checks";
import { gotText } from "./errors";

/** All environments are planned together: two that overlap can never be joined, to each other or to the office. */
const networkOfItsOwn: Rule = ({ network, vpn }, { siblings, isWritten }) => {
  const own = parseCidr(network.cidr);
  // With a VPN its own rules compare the networks, the office's among them.
  if (own === undefined || vpn !== undefined) return [];
  return Object.entries(siblings())
    .filter(([, cidr]) => {
      const other = parseCidr(cidr);
      return other !== undefined && overlaps(own, other);
    })
    .map(([name, cidr]) => ({
      path: ["network", "cidr"],
      uses: [["network", "cidr"]],
      got: `${gotText(network.cidr)}${isWritten(["network", "cidr"]) ? "" : " (default)"}`,
      allowed: `a network that no other environment has; ${name} has ${cidr}`,
      fix: `Write a cidr of its own in retrofit:network; \`retrofit parity\` shows which are taken.`,
    }));
};

const releasesComeFromAnother: Rule = ({ promotion, environment }, { siblings }) => {
  const from = promotion?.from;
  const others = Object.keys(siblings());
  if (from === undefined || others.includes(from)) return [];
  return [
    {
      path: ["promotion", "from"],
      uses: [["promotion", "from"]],
      got: `${gotText(from)}${from === environment ? ", which is this environment" : ", which has no file"}`,
      allowed: others.length > 0 ? `another environment: ${others.join(", ")}` : "another environment",
      fix: "Name the environment that releases are in before they come here.",
    },
  ];
};

const neverAsleepWhereProtected: Rule = ({ hours, protected: isProtected }) =>
  hours === undefined || !isProtected
    ? []
    : [
        {
          path: ["hours"],
          uses: [["hours"], ["protected"], ["size"]],
          got: "got hours in a protected environment",
          allowed: "hours only where nothing is protected: two machines or more are always there",
          fix: "Remove retrofit:hours, or write retrofit:protected: false.",
        },
      ];

const shortLivedIsUnprotected: Rule = ({ expires, protected: isProtected }) =>
  expires === undefined || !isProtected
    ? []
    : [
        {
          path: ["expires"],
          uses: [["expires"], ["protected"], ["size"]],
          got: gotText(expires),
          allowed: "no end where protected: such an environment is never taken away by itself",
          fix: "Remove retrofit:expires, or write retrofit:protected: false.",
        },
      ];

export const ENVIRONMENT_RULES: Rule[] = [
  networkOfItsOwn,
  releasesComeFromAnother,
  neverAsleepWhereProtected,
  shortLivedIsUnprotected,
];
