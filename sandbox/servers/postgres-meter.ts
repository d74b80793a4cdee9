import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { processTree } from "../cpu/tree";
import { BusyMeter, growth, measure } from "./server-meter";
import type { ServerProcess } from "./server-process";
import type { Measure } from "./servers";

/** One line of JSON. `wal_write` is of PostgreSQL 14 to 17; elsewhere there are no latencies. */
const QUERY = `SELECT json_build_object(
  'reads', sum(blks_read), 'readMs', sum(blk_read_time),
  'writes', (SELECT wal_write FROM pg_stat_wal), 'writeMs', (SELECT wal_write_time FROM pg_stat_wal)
) FROM pg_stat_database;`.replaceAll("\n", " ");

/**
 * What RDS tells of an instance. Connections and load are read from the titles of its processes, which costs it nothing and
 * works also when it has no time to answer; the latencies of its disk it is asked for.
 */
export class PostgresMeter {
  private readonly busy: BusyMeter;
  private psql: ChildProcessWithoutNullStreams | undefined;
  private asked = false;
  private before: Record<string, number> = {};
  private latest: Record<string, number> = {};

  constructor(
    private readonly server: ServerProcess,
    private readonly administrator: string,
    private readonly open: () => ChildProcessWithoutNullStreams,
  ) {
    this.busy = new BusyMeter(server);
  }

  read(): Measure[] {
    const { pid } = this.server;
    const clients = (pid === undefined ? [] : processTree(pid))
      .map((each) => clientOf(titleOf(each)))
      .filter((client) => client !== undefined)
      .filter(({ user }) => user !== this.administrator);
    const load = clients.filter(({ active }) => active).length;
    this.ask();
    return [
      ...measure("CPUUtilization", this.busy.read(), "Percent"),
      ...measure("DatabaseConnections", clients.length, "Count"),
      ...measure("DBLoad", load, "None"),
      // A server of the sandbox has one core.
      ...measure("DBLoadRelativeToNumVCPUs", load, "None"),
      ...this.latencies(),
    ];
  }

  close(): void {
    this.psql?.kill("SIGKILL");
    this.psql = undefined;
  }

  /** Of the reads and writes since the last answer; 0 without any, as RDS has it. */
  private latencies(): Measure[] {
    const { before, latest } = this;
    if (before === latest) return [];
    this.before = latest;
    const seconds = (time: string, times: string) => {
      const [milliseconds, number] = [growth(before, latest, time), growth(before, latest, times)];
      if (milliseconds === undefined || number === undefined) return undefined;
      return number === 0 ? 0 : milliseconds / 1000 / number;
    };
    return [
      ...measure("ReadLatency", seconds("readMs", "reads"), "Seconds"),
      ...measure("WriteLatency", seconds("writeMs", "writes"), "Seconds"),
    ];
  }

  /** The answer comes when it comes: the next reading has it. */
  private ask(): void {
    if (this.psql === undefined) {
      const psql = this.open();
      this.psql = psql;
      this.asked = false;
      for (const each of [psql, psql.stdin]) each.on("error", () => {});
      psql.stderr.resume();
      psql.once("close", () => {
        if (this.psql === psql) this.psql = undefined;
      });
      createInterface(psql.stdout).on("line", (line) => {
        this.asked = false;
        this.latest = JSON.parse(line) as Record<string, number>;
      });
    }
    if (this.asked) return;
    this.asked = true;
    this.psql.stdin.write(`${QUERY}\n`);
  }
}

function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

/** `postgres: app_admin app 127.0.0.1(50162) SELECT` is a client at work, with `idle` at the end one that is not. */
export function clientOf(title: string): { user: string; active: boolean } | undefined {
  const [, user, doing] = /^postgres: (?!walsender )(\S+) \S+ [\d.:a-f]+\(\d+\) (.+)$/.exec(title) ?? [];
  return user === undefined || doing === undefined ? undefined : { user, active: !doing.startsWith("idle") };
}
