import { gunzipSync, gzipSync } from "node:zlib";
import {
  describeFailure,
  type MachineCommandResult,
  type RunCommandClients,
  runOnMachine,
} from "../../machine/run-command";
import { type AppliedMigration, canonicalVersion, type History, type JudgedMigration } from "../migrations";
import { MIGRATOR_PATH } from "./migrator-program";

/** How the migrator reaches the database. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  /** Secret with `username` and `password`, read by the machine itself. */
  readonly secretArn: string;
}

export interface MigratorSettings {
  /** Table of the history, in schema `public`. Default: `flyway_schema_history`. */
  readonly table?: string;
  /** Version that a database without history is taken to have. */
  readonly baseline?: string;
  /** Seconds that another migrator is waited for. Default: 120. */
  readonly lockWaitSeconds?: number;
  /** Seconds that a statement waits for a lock before the file is rolled back and tried again. Default: 5. */
  readonly lockTimeoutSeconds?: number;
  /** Tries after the first that met a lock. Default: 8. */
  readonly lockRetries?: number;
}

export interface Migrator {
  readonly clients: RunCommandClients;
  /** The operations machine. */
  readonly instanceId: string;
  readonly region: string;
  readonly database: DatabaseAddress;
  readonly settings: MigratorSettings;
}

export interface ReleaseArtifact {
  readonly bucket: string;
  readonly key: string;
  readonly sha256: string;
}

/** How a run ended that did not apply everything. */
export class MigratorError extends Error {
  constructor(
    message: string,
    /** Migrations that are committed and recorded. */
    readonly applied: readonly string[],
    /** True when a statement outside a transaction failed, which may have left something behind. */
    readonly halfway: boolean,
    /** True when it is not known how far it came. */
    readonly unclear = false,
  ) {
    super(message);
    this.name = "MigratorError";
  }
}

const HISTORY_SECONDS = 60;
/** The longest that a run of migrations may take; SSM allows two days. */
const MIGRATE_SECONDS = 6 * 3600;

/** What the database itself says is applied. */
export async function readHistory(
  migrator: Migrator,
  report: (line: string) => void,
  /** `unmanaged`: a database that has tables and no history is taken as one without migrations. Default: it is refused. */
  { unmanaged = false }: { unmanaged?: boolean } = {},
): Promise<History> {
  const { events, result } = await run(
    migrator,
    { mode: "history", ...(unmanaged && { unmanaged }) },
    HISTORY_SECONDS,
    "retrofit: read the history",
    report,
  );
  const found = events.find(({ event }) => event === "history");
  if (!found) throw failureOf(events, result);
  return parseHistory(found);
}

/** @throws MigratorError */
export async function migrate(
  migrator: Migrator,
  artifact: ReleaseArtifact,
  folder: string,
  pending: readonly JudgedMigration[],
  report: (line: string) => void,
): Promise<string[]> {
  const request = { mode: "migrate", artifact, folder, files: pending.map(describeFile) };
  const what = `retrofit: ${pending.length} migration${pending.length === 1 ? "" : "s"}`;
  const { events, result } = await run(migrator, request, MIGRATE_SECONDS, what, report);
  for (const line of events.flatMap(tellEvent)) report(line);
  const done = events.find(({ event }) => event === "done");
  if (!done || result.status !== "Success") throw failureOf(events, result);
  return texts(done.applied);
}

export type MigratorEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

export function describeFile({ file, transactional, buildsIndex }: JudgedMigration) {
  const { script, version, description, checksum } = file;
  return {
    script,
    description,
    checksum,
    transactional,
    ...(version === undefined ? {} : { version }),
    ...(buildsIndex === undefined ? {} : { buildsIndex }),
  };
}

/** The request as the program takes it: one word that a shell leaves alone. */
export function packRequest(request: Record<string, unknown>): string {
  return gzipSync(JSON.stringify(request)).toString("base64");
}

export function parseEvents(stdout: string): MigratorEvent[] {
  return stdout.split("\n").flatMap((line) => {
    try {
      const value = JSON.parse(line) as MigratorEvent;
      return typeof value?.event === "string" ? [value] : [];
    } catch {
      // Not of the program, or cut off by SSM's limit.
      return [];
    }
  });
}

export function parseHistory(event: MigratorEvent): History {
  const rows = JSON.parse(gunzipSync(Buffer.from(String(event.rows), "base64")).toString()) as [
    string,
    string | null,
    number,
    number,
  ][];
  const applied = rows.map(
    ([script, version, checksum, success]): AppliedMigration => ({
      script,
      checksum,
      success: success === 1,
      ...(version === null ? {} : { version: canonicalVersion(version) }),
    }),
  );
  const baseline = typeof event.baseline === "string" ? { baseline: canonicalVersion(event.baseline) } : {};
  return { applied, empty: event.empty === true, ...baseline };
}

async function run(
  { clients, instanceId, region, database, settings }: Migrator,
  request: Record<string, unknown>,
  timeoutSeconds: number,
  comment: string,
  report: (line: string) => void,
) {
  const word = packRequest({ ...settings, ...request, region, database });
  const command = {
    // python3 by name: the sandbox's machines have no shebang line of their own distribution.
    commands: [`python3 "$RETROFIT_ROOT${MIGRATOR_PATH}" ${word}`],
    comment,
    timeoutSeconds,
    onlineSeconds: 300,
  };
  const result = await runOnMachine(clients, instanceId, command, report);
  return { events: parseEvents(result.stdout), result };
}

function failureOf(events: readonly MigratorEvent[], result: MachineCommandResult): MigratorError {
  const failed = events.find(({ event }) => event === "failed");
  const applied = events.flatMap((event) => (event.event === "applied" ? [String(event.script)] : []));
  if (!failed) {
    return new MigratorError(`the migrator ${describeFailure(result)}`, applied, false, true);
  }
  const place = failed.script ? `${failed.script}${failed.line ? `:${failed.line}` : ""}: ` : "";
  const lock = failed.locked
    ? " Something holds a lock on the table: look for long transactions, then try again."
    : "";
  return new MigratorError(`${place}${failed.message}.${lock}`, applied, failed.halfway === true);
}

function tellEvent(event: MigratorEvent): string[] {
  switch (event.event) {
    case "applied":
      return [`migrated: ${event.script} (${event.seconds} s)`];
    case "already":
      return [`migrated: ${event.script}, by somebody else meanwhile`];
    case "retry":
      return [`${event.script}: ${event.message}; tried again after ${event.seconds} s`];
    case "waiting":
      return [`waited for another migrator (${event.holder})`];
    case "cleaned":
      return [`${event.script}: index ${event.index}, left invalid by a failed try, was dropped`];
    default:
      return [];
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
