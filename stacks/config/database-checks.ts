/** Rules about `database` that look at two keys at once. */
import type { Rule } from "./checks";
import { gotText } from "./errors";

/** What a writer has, the shards of Limitless have in their own way or not at all. */
const NOT_WITH_SHARDING = [
  "name",
  "instanceClass",
  "storageGb",
  "maxStorageGb",
  "engineVersion",
  "replicas",
  "proxy",
  "parameters",
] as const;

const shardingStandsAlone: Rule = ({ database }, { isWritten }) =>
  database?.sharding === undefined
    ? []
    : NOT_WITH_SHARDING.filter((key) => isWritten(["database", key])).map((key) => ({
        path: ["database", key],
        uses: [["database", "sharding"]],
        got: gotText(database[key]),
        allowed: "nothing beside sharding: Limitless has one database, its own sizes and its own connections",
        fix: `Remove ${key}, or remove sharding.`,
      }));

const shardsWithinBounds: Rule = ({ database }) => {
  const { minAcu = 16, maxAcu = 16 } = database?.sharding ?? {};
  if (minAcu <= maxAcu) return [];
  return [
    {
      path: ["database", "sharding", "minAcu"],
      uses: [["database", "sharding"]],
      got: gotText(minAcu),
      allowed: `16 to ${maxAcu} (maxAcu)`,
      fix: `Set minAcu to ${maxAcu} or less.`,
    },
  ];
};

const diskMayGrow: Rule = ({ database, size }, { isWritten }) => {
  if (database === undefined || database.sharding !== undefined) return [];
  const key = isWritten(["database", "maxStorageGb"]) ? "maxStorageGb" : "storageGb";
  const other = key === "maxStorageGb" ? "storageGb" : "maxStorageGb";
  const note = isWritten(["database", other]) ? "" : ` (default of ${size})`;
  if (database.maxStorageGb >= database.storageGb) return [];
  return [
    {
      path: ["database", key],
      uses: [["database", "storageGb"], ["database", "maxStorageGb"], ["size"]],
      got: `got ${database[key]} with ${other} ${database[other]}${note}`,
      allowed: "maxStorageGb of storageGb or more",
      fix: `Set maxStorageGb to ${database.storageGb} or more.`,
    },
  ];
};

/** RDS takes keys of its own region only, and says so after minutes. */
const keyOfRegion: Rule = ({ database, region }) => {
  const of = database?.kmsKey?.split(":")[3];
  if (of === undefined || of === region) return [];
  return [
    {
      path: ["database", "kmsKey"],
      uses: [["region"]],
      got: gotText(database?.kmsKey),
      allowed: `a key of ${region} (region)`,
      fix: `Name a key of ${region}.`,
    },
  ];
};

export const DATABASE_RULES: Rule[] = [shardingStandsAlone, shardsWithinBounds, diskMayGrow, keyOfRegion];
