import { type Problem, Problems } from "../shared/validation";
import type { DatabaseArgs } from "./database-args";
import { majorVersion } from "./parameters";
import { LEAST_ACU, MOST_ACU } from "./sharding";

const IDENTIFIER = /^[a-z][a-z0-9_]{0,62}$/;
const RESERVED_USERS = ["admin", "postgres", "rdsadmin", "root", "public", "user"];
export const MAJOR_VERSIONS = ["14", "15", "16", "17"];
export const STORE_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST_NAME = 40;

/** Everything wrong with a database's arguments that can be told before anything is made. */
export function checkDatabase(name: string, args: DatabaseArgs): Problems {
  const problems = new Problems(`Database "${name}"`);
  problems.add(...checkName(name), ...checkNames(args), ...checkSizes(args), ...checkSharding(args));
  return problems;
}

/** The names of all that AWS makes of a store begin with the component's. */
export function checkName(name: string): Problem[] {
  if (STORE_NAME.test(name) && name.length <= LONGEST_NAME) return [];
  return [
    {
      property: "name",
      got: name,
      allowed: `lower-case letters, digits and single hyphens, beginning with a letter, at most ${LONGEST_NAME}`,
      fix: 'Write a short one, such as "database".',
    },
  ];
}

/** A whole number within bounds. */
export function checkWhole(property: string, got: unknown, least: number, most: number): Problem[] {
  if (got === undefined || (Number.isInteger(got) && (got as number) >= least && (got as number) <= most)) {
    return [];
  }
  const within = Math.min(Math.max(Math.round(Number(got)) || least, least), most);
  return [{ property, got, allowed: `a whole number from ${least} to ${most}`, fix: `Write ${within}.` }];
}

function checkNames({
  databaseName,
  username,
  instanceClass,
  engineVersion,
  sharding,
}: DatabaseArgs): Problem[] {
  const found: Problem[] = [];
  if (databaseName !== undefined && !IDENTIFIER.test(databaseName)) {
    found.push({
      property: "databaseName",
      got: databaseName,
      allowed: "lower-case letters, digits and _, beginning with a letter, at most 63",
      fix: 'Write a name that SQL takes without quotes, such as "app".',
    });
  }
  if (username !== undefined && (!IDENTIFIER.test(username) || RESERVED_USERS.includes(username))) {
    found.push({
      property: "username",
      got: username,
      allowed: `lower-case letters, digits and _, beginning with a letter, but none of ${RESERVED_USERS.join(", ")}`,
      fix: 'Write another name, such as "app_admin".',
    });
  }
  if (instanceClass !== undefined && !/^db\.[a-z0-9]+\.[a-z0-9]+$/.test(instanceClass)) {
    found.push({
      property: "instanceClass",
      got: instanceClass,
      allowed: "an RDS instance class, which begins with db.",
      fix: `Write ${/^[a-z0-9]+\.[a-z0-9]+$/.test(instanceClass) ? `"db.${instanceClass}"` : '"db.t4g.micro"'}.`,
    });
  }
  if (
    engineVersion !== undefined &&
    (!/^\d+(\.\d+)?$/.test(engineVersion) || !MAJOR_VERSIONS.includes(majorVersion(engineVersion)))
  ) {
    found.push({
      property: "engineVersion",
      got: engineVersion,
      allowed: `${MAJOR_VERSIONS.join(", ")}, or one of these with its minor version`,
      fix: 'Write "16".',
    });
  }
  if (databaseName !== undefined && sharding !== undefined) {
    found.push({
      property: "databaseName",
      got: databaseName,
      allowed: "nothing with sharding: Limitless makes one database, postgres_limitless",
      fix: "Remove databaseName.",
    });
  }
  return found;
}

function checkSizes(args: DatabaseArgs): Problem[] {
  const { storageGb = 20, maxStorageGb } = args;
  const found = [
    ...checkWhole("storageGb", args.storageGb, 20, 65_536),
    ...checkWhole("maxStorageGb", maxStorageGb, 20, 65_536),
    ...checkWhole("backupDays", args.backupDays, 1, 35),
    ...checkWhole("replicas", args.replicas, 0, 15),
    ...checkWhole("maxConnections", args.maxConnections, 1, 262_143),
  ];
  if (maxStorageGb !== undefined && found.length === 0 && maxStorageGb < storageGb) {
    found.push({
      property: "maxStorageGb",
      got: maxStorageGb,
      allowed: `${storageGb} (storageGb) or more`,
      fix: `Write ${storageGb} to keep the disk as it is.`,
    });
  }
  return found;
}

function checkSharding(args: DatabaseArgs): Problem[] {
  const { sharding } = args;
  if (sharding === undefined) return [];
  const found = [
    ...checkWhole("sharding.maxAcu", sharding.maxAcu ?? Number.NaN, LEAST_ACU, MOST_ACU),
    ...checkWhole("sharding.minAcu", sharding.minAcu, LEAST_ACU, MOST_ACU),
  ];
  if (found.length === 0 && (sharding.minAcu ?? LEAST_ACU) > sharding.maxAcu) {
    found.push({
      property: "sharding.minAcu",
      got: sharding.minAcu,
      allowed: `up to ${sharding.maxAcu} (sharding.maxAcu)`,
      fix: "Lower minAcu or raise maxAcu.",
    });
  }
  if (sharding.standbyZones !== undefined) {
    found.push(...checkWhole("sharding.standbyZones", sharding.standbyZones, 0, 2));
  }
  // What the writer has, the shard group has in its own way or not at all.
  const instead: [keyof DatabaseArgs, string][] = [
    ["instanceClass", "Remove it: sharding.maxAcu is the size."],
    ["replicas", "Remove it: standbyZones gives redundancy, and the shards share the reading."],
    ["proxy", "Remove it: RDS Proxy does not work with Limitless, whose routers share connections."],
    ["storageGb", "Remove it: the storage grows with the data."],
    ["maxStorageGb", "Remove it: the storage grows with the data."],
    ["parameters", "Remove it, and set parameters on a cluster parameter group by transform.cluster."],
    ["engineVersion", "Remove it: Limitless has versions of its own; transform.cluster sets another."],
  ];
  for (const [property, fix] of instead) {
    if (args[property] !== undefined && args[property] !== 0 && args[property] !== false) {
      found.push({ property, got: args[property], allowed: "nothing with sharding", fix });
    }
  }
  return found;
}
