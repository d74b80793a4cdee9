/** What PostgreSQL is told, and what an instance class can bear. Data and arithmetic only. */

/** The component's own parameters, each laid over by `parameters`. */
export const PARAMETERS: Readonly<Record<string, string>> = {
  // No connection without TLS.
  "rds.force_ssl": "1",
  // Statements of a second or more, waits for locks of a second or more, changes of the schema, big sorts on disk.
  log_min_duration_statement: "1000",
  log_lock_waits: "1",
  log_statement: "ddl",
  log_temp_files: "10240",
  // A forgotten transaction holds locks and keeps vacuum from its work: it is ended after ten minutes.
  idle_in_transaction_session_timeout: "600000",
  shared_preload_libraries: "pg_stat_statements",
};

/** Those that a running server takes up only when it is started again. */
const STATIC = new Set([
  "shared_preload_libraries",
  "max_connections",
  "shared_buffers",
  "rds.logical_replication",
]);

export interface Parameter {
  name: string;
  value: string;
  applyMethod: "immediate" | "pending-reboot";
}

export function parameterList(own: Readonly<Record<string, string>> = {}): Parameter[] {
  return Object.entries({ ...PARAMETERS, ...own })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({
      name,
      value,
      applyMethod: STATIC.has(name) ? "pending-reboot" : "immediate",
    }));
}

/** Memory in GiB by size, for burstable and general classes; classes of the r families have twice as much. */
const MEMORY: Readonly<Record<string, number>> = { micro: 1, small: 2, medium: 4, large: 8, xlarge: 16 };

/** Memory of an instance class in GiB; undefined for a family that is not in the table. */
export function memoryOf(instanceClass: string): number | undefined {
  const parts = /^db\.([tmr])\d\w*\.(\d*)(\w+)$/.exec(instanceClass);
  if (!parts) return undefined;
  const [, family, times, size] = parts as unknown as [string, string, string, string];
  const memory = MEMORY[size];
  if (memory === undefined || (times !== "" && size !== "xlarge")) return undefined;
  return memory * (times === "" ? 1 : Number(times)) * (family === "r" ? 2 : 1);
}

/** Connections that RDS lets PostgreSQL take by default: one for each 9,531,392 bytes of memory, 5,000 at most. */
export function connectionLimit(instanceClass: string): number | undefined {
  const memory = memoryOf(instanceClass);
  return memory === undefined ? undefined : Math.min(Math.floor((memory * 1024 ** 3) / 9_531_392), 5_000);
}

/** `16` of `16.8`. */
export function majorVersion(engineVersion: string): string {
  return engineVersion.split(".")[0]!;
}
