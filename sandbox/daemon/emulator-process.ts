import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { region } from "../environment";
import { SandboxError } from "../errors";
import { packageFolder, type SandboxFiles } from "../folders";
import { EmulatorClient } from "./emulator-client";

const readyMilliseconds = 120_000;
const backoffMilliseconds = [100, 500, 1_000, 2_000, 5_000];
const steadyMilliseconds = 30_000;
const largestLog = 5_000_000;
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

export interface EmulatorWatcher {
  lost(detail: string): void;
  /** It answers (again). */
  ready(): void;
}

/** The emulator's process: started again on the same port whenever it ends, with its journal. */
export class EmulatorProcess {
  readonly endpoint: string;
  readonly client: EmulatorClient;
  private child: ChildProcess | undefined;
  private stopping = false;
  private failures = 0;
  private startedAt = 0;

  static async create(
    python: string,
    files: SandboxFiles,
    watcher: EmulatorWatcher,
  ): Promise<EmulatorProcess> {
    return new EmulatorProcess(python, files, watcher, await choosePort(files));
  }

  private constructor(
    private readonly python: string,
    private readonly files: SandboxFiles,
    private readonly watcher: EmulatorWatcher,
    private readonly port: number,
  ) {
    this.endpoint = `http://127.0.0.1:${port}`;
    this.client = new EmulatorClient(this.endpoint);
  }

  /** Starts it and waits until it answers; throws when it does not get that far. */
  async start(): Promise<void> {
    this.spawn();
    await this.answers();
    this.watcher.ready();
  }

  /** As a crash would; it is started again. */
  kill(): void {
    this.child?.kill("SIGKILL");
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(timer);
  }

  private spawn(): void {
    const log = openLog(this.log);
    const emulator = join(packageFolder(), "sandbox", "emulator");
    const options = ["--port", String(this.port), "--journal", this.files.journal, "--region", region];
    this.startedAt = Date.now();
    const child = spawn(this.python, ["-m", "retrofit_emulator", ...options], {
      cwd: this.files.folder,
      env: {
        ...process.env,
        PYTHONPATH: emulator,
        PYTHONDONTWRITEBYTECODE: "1",
        PYTHONUNBUFFERED: "1",
        // Load balancers of two sandboxes on one machine must not want the same address.
        RETROFIT_ADDRESS_SEED: this.files.key,
      },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.child = child;
    let over = false;
    const ended = (how: string) => {
      if (over || this.stopping) return;
      over = true;
      void this.again(how);
    };
    child.on("error", (error) => ended(error.message));
    child.on("exit", (code, signal) => ended(signal ?? `exit code ${code}`));
  }

  private async again(how: string): Promise<void> {
    this.watcher.lost(how);
    if (Date.now() - this.startedAt > steadyMilliseconds) this.failures = 0;
    await pause(backoffMilliseconds[this.failures] ?? backoffMilliseconds.at(-1)!);
    this.failures++;
    if (this.stopping) return;
    this.spawn();
    await this.answers().then(
      () => this.watcher.ready(),
      () => {}, // It ended again, which is being dealt with, or it hangs: the log tells.
    );
  }

  private async answers(): Promise<void> {
    const child = this.child;
    const deadline = Date.now() + readyMilliseconds;
    while (Date.now() < deadline) {
      const answered = await this.client.health().then(
        () => true,
        () => false,
      );
      if (answered) return;
      if (child !== this.child || child?.exitCode !== null || child.signalCode !== null) break;
      await pause(50);
    }
    throw new SandboxError(
      `The emulator does not start. Its last words:\n${lastLines(this.log)}`,
      `The whole log is ${this.log}. If its journal is at fault, \`retrofit sandbox stop\` and remove ${this.files.journal} to begin anew.`,
    );
  }

  private get log(): string {
    return join(this.files.logs, "emulator.log");
  }
}

/** Below the range that outgoing connections are given ports from: one of them could take it while the emulator restarts. */
const firstPort = 20_000;
const ports = 10_000;

/** The port of the run before, so that whoever was told it finds the emulator again; another when that one is taken. */
async function choosePort({ port: file, key }: SandboxFiles): Promise<number> {
  const before = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  const wanted = before || firstPort + (Number.parseInt(key.slice(0, 8), 16) % ports);
  for (let tried = 0; tried < 100; tried++) {
    const port = firstPort + ((wanted - firstPort + tried) % ports);
    if (!(await isFree(port))) continue;
    writeFileSync(file, String(port));
    return port;
  }
  throw new SandboxError(`A hundred ports from 127.0.0.1:${wanted} on are taken.`, "End what holds them.");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

function openLog(file: string): number {
  if (existsSync(file) && statSync(file).size > largestLog) renameSync(file, `${file}.1`);
  return openSync(file, "a");
}

function lastLines(file: string, count = 15): string {
  if (!existsSync(file)) return "(nothing)";
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-count).join("\n");
}
