import { isIP } from "node:net";
import { isPlain, type Problem, Problems } from "../shared/validation";
import type { ElkStackArgs } from "./args";
import { daysThatFit, diskPerNode, neededGb } from "./sizing";

/** Everything that is wrong with the arguments. */
export function checkElkStack(name: string, domainName: string, args: ElkStackArgs): Problems {
  const problems = new Problems(`ElkStack "${name}"`);
  problems.require(/^[a-z][a-z0-9-]{2,27}$/.test(domainName), {
    property: "domainName",
    got: domainName,
    allowed: "3 to 28 lower-case letters, digits and -, beginning with a letter",
    fix: "Give a shorter name.",
  });
  problems.add(...elkStackProblems(args));
  return problems;
}

type Sizes = Pick<
  ElkStackArgs,
  "dailyGb" | "retentionDays" | "nodes" | "storageGb" | "viewers" | "protected"
>;

/** What is wrong with everything but names: asked for an environment's file as well. */
export function elkStackProblems(args: Sizes): Problem[] {
  const problems = new Problems("");
  problems.require(args.dailyGb > 0, {
    property: "dailyGb",
    got: args.dailyGb,
    allowed: "above 0, in GB of text",
    fix: "Estimate it: lines per day × 200 bytes is a start.",
  });
  problems.require(
    Number.isInteger(args.retentionDays) && args.retentionDays >= 1 && args.retentionDays <= 3650,
    {
      property: "retentionDays",
      got: args.retentionDays,
      allowed: "1 to 3650",
      fix: "Say for how many days a line has to be found.",
    },
  );
  const nodes = nodesOf(args);
  problems.require(nodes === 1 || nodes === 2 || (nodes > 0 && nodes % 3 === 0), {
    property: "nodes",
    got: nodes,
    allowed: "1, 2, 3 or a multiple of 3, for as many in each zone",
    fix: "Use 3 for an environment that is to survive the loss of a zone.",
  });
  if (args.protected) {
    problems.require(nodes >= 3, {
      property: "nodes",
      got: nodes,
      allowed: "3 or more where protected",
      fix: "Leave it out, or leave protected out.",
    });
  }
  if (problems.list.length === 0) problems.add(...storageProblems(args, nodes));
  problems.add(...viewerProblems(args));
  return [...problems.list];
}

export const nodesOf = ({ nodes, protected: kept }: Pick<ElkStackArgs, "nodes" | "protected">): number =>
  nodes ?? (kept ? 3 : 1);

function storageProblems(args: Sizes, nodes: number): Problem[] {
  const { storageGb, dailyGb, retentionDays } = args;
  if (storageGb === undefined || storageGb * nodes >= neededGb(args, nodes)) return [];
  const most = daysThatFit(dailyGb, storageGb, nodes);
  const fits = most >= 1 ? `, or keep lines for ${most} ${most === 1 ? "day" : "days"}` : "";
  return [
    {
      property: "storageGb",
      got: storageGb,
      allowed: `${Math.ceil(neededGb(args, nodes) / nodes)} or more for ${dailyGb} GB a day, ${retentionDays} days and ${nodes} ${nodes === 1 ? "node" : "nodes"}`,
      fix: `Give each node ${diskPerNode(args, nodes)} GB${fits}.`,
    },
  ];
}

/** Log lines are nothing for the public, whatever asks for a password in front of them. */
function viewerProblems({ viewers = [] }: Sizes): Problem[] {
  return viewers.flatMap((network, index) =>
    isPlain(network) && isPrivate(network)
      ? []
      : [
          {
            property: `viewers[${index}]`,
            got: network,
            allowed: "a private network, such as 10.20.0.0/16",
            fix: "Reach the dashboards through the VPN and name the office's network.",
          },
        ],
  );
}

function isPrivate(cidr: string): boolean {
  const [address = "", bits = ""] = cidr.split("/");
  if (isIP(address) !== 4 || !/^\d+$/.test(bits) || Number(bits) > 32) return false;
  const [a = 0, b = 0] = address.split(".").map(Number);
  const length = Number(bits);
  return (
    (a === 10 && length >= 8) ||
    (a === 172 && b >= 16 && b <= 31 && length >= 12) ||
    (a === 192 && b === 168 && length >= 16) ||
    (a === 100 && b >= 64 && b <= 127 && length >= 10)
  );
}
