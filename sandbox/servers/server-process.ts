import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { CpuLimit } from "../cpu/limit";

const LARGEST_LOG = 2_000_000;
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

export interface ServerCommand {
  command: string;
  args: readonly string[];
  env: Record<string, string>;
  log: string;
  /** Asks it to end at once but in order. */
  stopSignal: NodeJS.Signals;
}

/** A server's process, started again when it ends by itself. */
export class ServerProcess {
  /** What it may use of the processor. */
  readonly limit = new CpuLimit(() => this.pid);
  private child: ChildProcess | undefined;
  private wanted = false;

  constructor(
    private readonly what: () => ServerCommand,
    private readonly restarted: () => void = () => {},
  ) {}

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  get pid(): number | undefined {
    return this.running ? this.child?.pid : undefined;
  }

  /** Starts it and waits until it answers; throws with its last words when it does not. */
  async start(answers: () => Promise<boolean>, milliseconds = 30_000): Promise<void> {
    this.wanted = true;
    const child = this.spawn();
    const deadline = Date.now() + milliseconds;
    while (Date.now() < deadline && this.child === child && this.running) {
      if (await answers()) {
        child.once("exit", () => void this.again());
        if (!this.running) void this.again();
        return;
      }
      await pause(50);
    }
    this.wanted = false;
    child.kill("SIGKILL");
    throw new Error(`it does not start: ${lastWords(this.what().log)}`);
  }

  async stop(): Promise<void> {
    this.wanted = false;
    const child = this.child;
    if (child === undefined || !this.running) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    this.limit.lift();
    child.kill(this.what().stopSignal);
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(timer);
  }

  kill(): void {
    // What it started has to notice its end.
    this.limit.resume();
    this.child?.kill("SIGKILL");
  }

  private spawn(): ChildProcess {
    const { command, args, env, log } = this.what();
    if (existsSync(log) && statSync(log).size > LARGEST_LOG) renameSync(log, `${log}.1`);
    const descriptor = openSync(log, "a");
    const child = spawn(command, args, { cwd: "/", env, stdio: ["ignore", descriptor, descriptor] });
    closeSync(descriptor);
    child.on("error", () => {}); // Told by its not answering.
    this.child = child;
    return child;
  }

  private async again(): Promise<void> {
    await pause(500);
    if (!this.wanted || this.running) return;
    const child = this.spawn();
    child.once("exit", () => void this.again());
    this.restarted();
  }
}

function lastWords(log: string): string {
  if (!existsSync(log)) return "it said nothing";
  return readFileSync(log, "utf8").trimEnd().split("\n").slice(-3).join(" | ");
}
