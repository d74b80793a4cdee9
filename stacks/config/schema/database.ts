import { z } from "zod";
import { MAJOR_VERSIONS } from "../../../components/database/validate-database";
import { choice, flag, group, table, text, whole } from "../keys";

export const database = group(
  "A PostgreSQL database of the environment. Without this key there is none; {} takes all defaults.",
  {
    name: text(/^[a-z][a-z0-9_]{0,62}$/, {
      is: "Name of the database that is made at first.",
      allowed: "lower-case letters, digits and _, beginning with a letter, at most 63",
      example: "shop",
    }).optional(),
    instanceClass: text(/^db\.[a-z0-9]+\.[a-z0-9]+$/, {
      is: "Size of the writer and of each replica; decides most of the database's bill.",
      allowed: "an RDS instance class such as db.t4g.micro",
      example: "db.t4g.micro",
    }).optional(),
    storageGb: whole(20, 65_536, "Disk, encrypted.", 20).optional(),
    maxStorageGb: whole(20, 65_536, "How far the disk may grow by itself.", 100).optional(),
    engineVersion: text(new RegExp(`^(${MAJOR_VERSIONS.join("|")})(\\.\\d+)?$`), {
      is: "Version of PostgreSQL.",
      allowed: `${MAJOR_VERSIONS.join(", ")}, or one of these with its minor version`,
      example: "16",
    }).optional(),
    multiAz: flag("A standby in another zone that takes over by itself. Doubles the price.", true).optional(),
    replicas: whole(0, 15, "Read replicas. Each costs as much as a writer without standby.", 0).optional(),
    backupDays: whole(1, 35, "Days that one can go back to, to the second.", 7).optional(),
    proxy: flag(
      "RDS Proxy in front, which shares connections. Priced by the instance's size.",
      false,
    ).optional(),
    sharding: group(
      "Aurora PostgreSQL Limitless instead of one writer, for those who outgrow it.",
      {
        minAcu: whole(
          16,
          6144,
          "Least capacity in Aurora capacity units, paid for all the time.",
          16,
        ).optional(),
        maxAcu: whole(16, 6144, "Most capacity: the ceiling of the bill.", 64),
        standbyZones: whole(0, 2, "Zones with a standby of each shard.", 1).optional(),
      },
      { maxAcu: 64 },
    ).optional(),
    parameters: table(/^[a-z][a-z0-9_.]*$/, z.string(), {
      is: "Parameters of PostgreSQL over those that are set anyway.",
      allowed: "names of parameters, and texts",
      example: { log_min_duration_statement: "500" },
    }).optional(),
    kmsKey: text(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/, {
      is: "KMS key of its disks and snapshots that outlives the environment, as rebuild --data snapshot needs it. Without it the database has one of its own, which goes with it. Another one replaces the database.",
      allowed: "the ARN of a key (not of an alias) of the environment's region",
      example: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    }).optional(),
    restoreFrom: text(/^(arn:aws[a-z-]*:rds:\S+|rds:\S+|[A-Za-z][A-Za-z0-9-]{0,254})$/, {
      is: "Snapshot to begin from. Naming another one replaces the database: the way to restore.",
      allowed: "the name or ARN of a snapshot",
      example: "shop-before-1-4-0",
    }).optional(),
  },
  { name: "shop" },
);

export const sessions = group(
  "A store for sessions (Valkey), so that any machine can serve any user. Without this key there is none; {} takes all defaults.",
  {
    nodeType: text(/^cache\.[a-z0-9]+\.[a-z0-9]+$/, {
      is: "Size of a node.",
      allowed: "an ElastiCache node type such as cache.t4g.micro",
      example: "cache.t4g.micro",
    }).optional(),
    multiAz: flag(
      "A second node in another zone that takes over by itself. Doubles the price.",
      true,
    ).optional(),
    engineVersion: choice(["7.2", "8.0"], "Version of Valkey.", "8.0").optional(),
    tokenGeneration: whole(1, 1_000_000, "Raise it by one to have a new token made.", 1).optional(),
    snapshotDays: whole(0, 35, "Days that daily snapshots are kept.", 0).optional(),
  },
  { nodeType: "cache.t4g.micro" },
);
