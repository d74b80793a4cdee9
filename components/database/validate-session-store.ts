import { Problems } from "../shared/validation";
import type { SessionStoreArgs } from "./session-store-args";
import { checkName, checkWhole } from "./validate-database";

const VERSIONS = ["7.2", "8.0"];
const MOST_NODES = 6;

/** Everything wrong with a session store's arguments that can be told before anything is made. */
export function checkSessionStore(name: string, args: SessionStoreArgs): Problems {
  const problems = new Problems(`SessionStore "${name}"`);
  const { nodeType, nodes, multiAz = args.protected ?? false, engineVersion } = args;
  problems.add(
    ...checkName(name),
    ...checkWhole("nodes", nodes, 1, MOST_NODES),
    ...checkWhole("tokenGeneration", args.tokenGeneration, 1, 1_000_000),
    ...checkWhole("snapshotDays", args.snapshotDays, 0, 35),
  );
  problems.require(nodeType === undefined || /^cache\.[a-z0-9]+\.[a-z0-9]+$/.test(nodeType), {
    property: "nodeType",
    got: nodeType,
    allowed: "an ElastiCache node type, which begins with cache.",
    fix: `Write ${/^[a-z0-9]+\.[a-z0-9]+$/.test(nodeType ?? "") ? `"cache.${nodeType}"` : '"cache.t4g.micro"'}.`,
  });
  problems.require(!(multiAz && nodes === 1), {
    property: "nodes",
    got: nodes,
    allowed: `2 to ${MOST_NODES} with multiAz: in another zone something has to be there to take over`,
    fix: "Write 2, or multiAz: false.",
  });
  problems.require(engineVersion === undefined || VERSIONS.includes(engineVersion), {
    property: "engineVersion",
    got: engineVersion,
    allowed: VERSIONS.map((version) => `"${version}"`).join(", "),
    fix: 'Write "8.0".',
  });
  return problems;
}
