import { isIP } from "node:net";
import { getStack } from "@pulumi/pulumi";
import { isPlain, type Problem, Problems } from "../shared/validation";
import type { Download, ElkStackArgs, ManagedStoreArgs, StorePrograms } from "./args";
import { daysThatFit, diskPerNode, neededGb } from "./sizing";

/** Machines get out on the web's ports only, and the address is a word of a shell command on them. */
const DOWNLOAD = /^https?:\/\/[A-Za-z0-9.-]+\/[A-Za-z0-9._~/?%&=+-]+$/;

/** Everything that is wrong with the arguments. */
export function checkElkStack(name: string, args: ElkStackArgs): Problems {
  const problems = new Problems(`ElkStack "${name}"`);
  const form: string = args.store ?? "managed";
  if (args.store === "selfHosted") problems.add(...programProblems(args.programs));
  else if (form === "managed") problems.add(...domainNameProblems(domainNameOf(name, args)));
  else {
    problems.add({
      property: "store",
      got: form,
      allowed: "managed or selfHosted",
      fix: "Leave it out for a domain of Amazon OpenSearch Service.",
    });
  }
  problems.add(...elkStackProblems(args));
  return problems;
}

export const domainNameOf = (name: string, { domainName }: Pick<ManagedStoreArgs, "domainName">): string =>
  domainName ?? `${name}-${getStack()}`.toLowerCase();

const domainNameProblems = (domainName: string): Problem[] =>
  /^[a-z][a-z0-9-]{2,27}$/.test(domainName)
    ? []
    : [
        {
          property: "domainName",
          got: domainName,
          allowed: "3 to 28 lower-case letters, digits and -, beginning with a letter",
          fix: "Give a shorter name.",
        },
      ];

/** What is wrong with where a store's programs come from: asked for an environment's file as well. */
export function programProblems(programs: StorePrograms, at = "programs"): Problem[] {
  const { plugins = [], ...single } = programs;
  const named: [string, Download][] = [
    ...Object.entries(single),
    ...plugins.map((plugin, index): [string, Download] => [`plugins[${index}]`, plugin]),
  ];
  return named.flatMap(([name, { url, sha256 }]) => [
    ...(DOWNLOAD.test(url)
      ? []
      : [
          {
            property: `${at}.${name}.url`,
            got: url,
            allowed: "http(s)://host/path on the usual port, without a user and quotes",
            fix: "Put the archive on a mirror that the app subnets reach.",
          },
        ]),
    ...(/^[0-9a-f]{64}$/.test(sha256)
      ? []
      : [
          {
            property: `${at}.${name}.sha256`,
            got: sha256,
            allowed: "64 hex digits in lower case",
            fix: "Take it from `sha256sum` of an archive whose signature was checked: nothing is fetched without it.",
          },
        ]),
  ]);
}

const NODES = {
  managed: {
    fits: (nodes: number) => nodes === 1 || nodes === 2 || (nodes > 0 && nodes % 3 === 0),
    allowed: "1, 2, 3 or a multiple of 3, for as many in each zone",
  },
  selfHosted: {
    fits: (nodes: number) => Number.isInteger(nodes) && nodes !== 2 && nodes >= 1 && nodes <= 30,
    allowed: "1, or 3 to 30: of two, neither knows whether the other is gone",
  },
};

type Sizes = Pick<
  ElkStackArgs,
  "store" | "dailyGb" | "retentionDays" | "nodes" | "storageGb" | "viewers" | "protected"
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
  const { fits, allowed } = NODES[args.store === "selfHosted" ? "selfHosted" : "managed"];
  problems.require(fits(nodes), {
    property: "nodes",
    got: nodes,
    allowed,
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
