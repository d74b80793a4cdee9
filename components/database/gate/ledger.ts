import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { AppliedMigration, History } from "../migrations";

/** Why an older release must not get the traffic again without a word. */
export interface Barrier {
  /** Release that made the breaking change. */
  readonly release: string;
  /** Migrations that an older release cannot work with. */
  readonly migrations: readonly string[];
  /** Snapshot taken right before. */
  readonly snapshot?: string;
  /** ISO time at which the change began. */
  readonly at: string;
  /** Releases that somebody has let back all the same, with the words that they gave. */
  readonly accepted?: Readonly<Record<string, string>>;
}

/** A maintenance that is under way, or that ended with the page on. */
export interface Maintenance {
  readonly release: string;
  readonly at: string;
  readonly snapshot?: string;
  /** The listener's actions before the page, to be put back when nothing has been committed. */
  readonly formerActions: readonly unknown[];
}

/**
 * What is known of the database without asking it: written by whoever changes it, next to the artifacts, before and after
 * each change. The history in the database is the truth; this can be read from a laptop in a moment.
 */
export interface Ledger {
  /** Rows of the history when it was read last. */
  readonly applied: readonly AppliedMigration[];
  readonly baseline?: string;
  /** SHA-256 of the artifacts whose migrations are all applied. */
  readonly artifacts: readonly string[];
  readonly barrier?: Barrier;
  readonly maintenance?: Maintenance;
  /** Snapshots by release, newest last. */
  readonly snapshots: readonly { readonly release: string; readonly snapshot: string; readonly at: string }[];
}

export const LEDGER_KEY = "database/ledger.json";

export interface LedgerStore {
  /** Undefined: no migration has run yet. */
  read(): Promise<Ledger | undefined>;
  write(ledger: Ledger): Promise<void>;
}

/** The ledger in the environment's artifact bucket, whose versions are its own history. */
export function ledgerIn(s3: Pick<S3Client, "send">, bucket: string): LedgerStore {
  const of = { Bucket: bucket, Key: LEDGER_KEY };
  return {
    read: async () => {
      try {
        const found = await s3.send(new GetObjectCommand(of));
        return JSON.parse((await found.Body?.transformToString()) ?? "") as Ledger;
      } catch (error) {
        if (["NoSuchKey", "NotFound", "NoSuchBucket"].includes((error as Error).name)) return undefined;
        throw error;
      }
    },
    write: async (ledger) => {
      const Body = JSON.stringify(ledger);
      await s3.send(new PutObjectCommand({ ...of, Body, ContentType: "application/json" }));
    },
  };
}

export const EMPTY_LEDGER: Ledger = { applied: [], artifacts: [], snapshots: [] };

/** The database as the ledger knows it. Without one the database is taken for new: the migrator will tell. */
export function historyOf(ledger: Ledger | undefined): History {
  if (!ledger) return { applied: [], empty: true };
  const { applied, baseline } = ledger;
  return { applied, empty: false, ...(baseline === undefined ? {} : { baseline }) };
}

/** Artifacts remembered as migrated; more would only make the object grow. */
const REMEMBERED = 50;

export function withHistory(ledger: Ledger, history: History, migrated?: string): Ledger {
  const artifacts = migrated
    ? [...ledger.artifacts.filter((sha) => sha !== migrated), migrated]
    : ledger.artifacts;
  const { baseline: _, ...rest } = ledger;
  return {
    ...rest,
    applied: history.applied,
    artifacts: artifacts.slice(-REMEMBERED),
    ...(history.baseline === undefined ? {} : { baseline: history.baseline }),
  };
}

/** What stands against giving the traffic to a release: the barrier, when the release lacks its migrations. */
export function barring(
  ledger: Ledger | undefined,
  release: { readonly version: string; readonly scripts: readonly string[] },
): Barrier | undefined {
  const barrier = ledger?.barrier;
  if (!barrier || barrier.accepted?.[release.version] !== undefined) return undefined;
  const known = new Set(release.scripts);
  return barrier.migrations.some((script) => !known.has(script)) ? barrier : undefined;
}

/** What going back over a barrier would lose, as the words that have to be given. */
export function lossOf(barrier: Barrier, version: string): string {
  return `${version} may fail or damage data on the schema of ${barrier.release}`;
}
