/** From what was found to the likeliest cause. Pure: the commands that find things are in `aws-facts.ts` and `office-facts.ts`. */
import { contains, parseCidr } from "../../components/network/cidr";
import type { AwsFacts, Facts, Finding, OfficeFacts, TunnelFacts } from "./facts";

export function diagnose(facts: Facts): Finding[] {
  const down = facts.tunnels.filter(isDown).map(tunnelFinding);
  const anyUp = facts.tunnels.some((tunnel) => !isDown(tunnel));
  return [...down, ...routeFindings(facts, anyUp), ...openingFindings(facts.aws), ...silenceFindings(facts)];
}

/** Where the office could be asked, both ends have to say so. */
export const isDown = ({ awsUp, office }: TunnelFacts): boolean =>
  !awsUp || (office !== undefined && !office.up);

function tunnelFinding(tunnel: TunnelFacts): Finding {
  const { number, outside, office, awsUp, awsMessage } = tunnel;
  if (office === undefined) {
    return {
      tunnel: number,
      cause: "unknown",
      says: `AWS says that it is down${awsMessage ? ` (${awsMessage})` : ""}; the office's side was not looked at.`,
      fix: `Run this on the office's gateway, or with --via "ssh <gateway>"; the tunnel's log in CloudWatch has AWS's view.`,
    };
  }
  if (office.up && !awsUp) {
    return {
      tunnel: number,
      cause: "unknown",
      says: "the office's end is up and AWS does not say so yet.",
      fix: "Wait a minute and check again; if it stays, restart the tunnel at the office.",
    };
  }
  return { tunnel: number, ...attemptFinding(office, outside) };
}

/** What strongSwan says, and what it means. The first that fits is taken. */
const SIGNS: { sign: RegExp; cause: Finding["cause"]; says: string; fix: string }[] = [
  {
    sign: /(config|connection) '?[^\n]*'? not found|no config named/i,
    cause: "not-loaded",
    says: "the gateway does not know this tunnel.",
    fix: "Put the files of `retrofit vpn config` in place and run swanctl --load-all.",
  },
  {
    sign: /AUTHENTICATION_FAILED|MAC mismatched|no shared key found|AUTH_FAILED/,
    cause: "key",
    says: "the ends do not accept each other's key or identity.",
    fix: "Write the configuration anew with `retrofit vpn config`: the key or the gateway's public address has changed.",
  },
  {
    sign: /TS_UNACCEPTABLE/,
    cause: "selectors",
    says: "the ends do not agree on the networks between which they carry traffic.",
    fix: "Compare local_ts and remote_ts with the connection's networks; one pair for each tunnel.",
  },
  {
    sign: /NO_PROPOSAL_CHOSEN|no matching proposal|INVALID_KE_PAYLOAD[\s\S]*failed/,
    cause: "proposals",
    says: "the ends have no algorithms in common.",
    fix: "Write the configuration anew with `retrofit vpn config`; a device that cannot do it needs words in the peer's `loosen`.",
  },
];

function attemptFinding(office: OfficeFacts, outside: string): Omit<Finding, "tunnel"> {
  const attempt = office.attempt ?? "";
  const known = SIGNS.find(({ sign }) => sign.test(attempt));
  if (known) return { cause: known.cause, says: known.says, fix: known.fix };
  const sent = [...attempt.matchAll(/sending packet: from \S+\[\d+\] to \S+\[(\d+)\]/g)].map(
    ([, port]) => port,
  );
  const port = sent.at(-1);
  // The last packet that went out and had no answer tells on which port nothing comes back.
  if (port !== undefined && !/established successfully|initiate completed/.test(attempt)) {
    const nat = port === "4500";
    return {
      cause: nat ? "udp-4500" : "udp-500",
      says: `${outside} does not answer on UDP ${port}.`,
      fix: nat
        ? `Let UDP 4500 through between the gateway and ${outside}, both ways: port 500 gets through already.`
        : `Let UDP 500 and 4500 through between the gateway and ${outside}, both ways, and check that the gateway is seen under the address that AWS knows.`,
    };
  }
  const last = attempt.trim().split("\n").at(-1) ?? "";
  return {
    cause: "unknown",
    says: last ? `strongSwan says: ${last}` : "it is down and strongSwan says nothing.",
    fix: "Look into the gateway's log.",
  };
}

function routeFindings({ aws, networks }: Facts, anyUp: boolean): Finding[] {
  const wanted = Object.entries(networks);
  const missingStatic =
    aws.routing === "static" && aws.gateway === "vgw"
      ? wanted.filter(([, cidr]) => !covered(cidr, aws.staticRoutes))
      : [];
  const findings: Finding[] = missingStatic.map(([name, cidr]) => ({
    cause: "routes",
    says: `the connection has no static route to ${name} (${cidr}).`,
    fix: "Bring the environment up again; somebody removed the route.",
  }));
  if (aws.routing === "bgp" && anyUp && aws.learntRoutes === 0) {
    findings.push({
      cause: "routes",
      says: "AWS has learnt no route in BGP.",
      fix: "Look at the BGP session on the gateway: neighbour, ASN, what it announces.",
    });
  }
  for (const { id, propagates, leadsTo } of aws.tables) {
    const lost = wanted.filter(([, cidr]) => !covered(cidr, leadsTo));
    const expected = aws.gateway === "tgw" || anyUp;
    const broken = aws.gateway === "vgw" ? !propagates : lost.length > 0;
    if (!broken && !(expected && lost.length > 0)) continue;
    const names = lost.map(([name, cidr]) => `${name} (${cidr})`).join(", ") || "the peer's networks";
    findings.push({
      cause: "routes",
      says: `the route table ${id} does not lead to ${names}${aws.gateway === "vgw" && !propagates ? `: ${aws.gatewayId} does not propagate into it` : ""}.`,
      fix: "Bring the environment up again with a refresh; somebody changed the table.",
    });
  }
  return findings;
}

function covered(cidr: string, routes: readonly string[]): boolean {
  const wanted = parseCidr(cidr);
  return (
    wanted !== undefined &&
    routes.some((route) => {
      const known = parseCidr(route);
      return known !== undefined && contains(known, wanted);
    })
  );
}

function openingFindings({ openings }: AwsFacts): Finding[] {
  return openings
    .filter(({ open }) => !open)
    .map(({ from, to, securityGroupId, port }) => ({
      cause: "security-group",
      says: `the security group ${securityGroupId} of ${to} does not let ${from} in on ${port}.`,
      fix: "Bring the environment up again with a refresh; somebody removed the rule.",
    }));
}

/** Up on both ends, and nothing ever came back: what is behind the ends is to blame. */
function silenceFindings({ tunnels }: Facts): Finding[] {
  const up = tunnels.flatMap(({ office }) => (office?.up ? [office] : []));
  const sum = (key: "bytesIn" | "bytesOut") => up.reduce((total, office) => total + office[key], 0);
  if (up.length === 0 || sum("bytesOut") === 0 || sum("bytesIn") > 0) return [];
  return [
    {
      cause: "security-group",
      says: `the office has sent ${sum("bytesOut")} bytes through the tunnels and got none back.`,
      fix: "Check that `allow` names this network and port, that the machine answers, and that its subnet's table leads back.",
    },
  ];
}
