/** The daemon's process. Its options come as the last argument; it tells its starter over IPC how it goes. */
import { SandboxError } from "../errors";
import { Daemon, type DaemonOptions } from "./daemon";
import type { LaunchMessage } from "./launch";
import { tryLock } from "./lock";

const options = JSON.parse(process.argv.at(-1) ?? "{}") as DaemonOptions;
const log = (line: string) => process.stdout.write(`${new Date().toISOString()} ${line}\n`);

function tell(message: LaunchMessage): void {
  if (process.connected) process.send?.(message, () => {});
}

async function main(): Promise<void> {
  const held = await tryLock(`daemon-${options.files.key}`);
  if (held === undefined) return tell({ kind: "running" });

  let exitCode = 0;
  const daemon = new Daemon(options, log, () => process.exit(exitCode));
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      log(signal);
      void daemon.stop();
    });
  }
  process.on("SIGHUP", () => {});
  // One connection's misfortune must not end all the others.
  process.on("uncaughtException", (error) => log(`unexpected: ${error.stack ?? error}`));

  // Until its starter has a lease or said otherwise, the starter's life is the lease.
  const starter = daemon.leases.take();
  process.on("disconnect", () => starter.release());
  if (!process.connected) starter.release();

  try {
    await daemon.start();
    log(`started as ${options.id}`);
    tell({ kind: "ready" });
  } catch (error) {
    log(`cannot start: ${(error as Error).stack ?? error}`);
    const hint = error instanceof SandboxError ? error.hint : `The daemon's log is in ${options.files.logs}.`;
    tell({ kind: "failed", message: (error as Error).message, hint });
    exitCode = 1;
    await daemon.stop();
  }
}

void main();
