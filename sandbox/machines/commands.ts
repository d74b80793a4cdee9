import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CommandResult, EmulatedCommand } from "../emulated";

/** A machine as a command finds it. */
export interface CommandedMachine {
  readonly folder: string;
  /** Its root folder: what `/` is on a real machine. */
  readonly root: string;
  /** Environment of its commands beside the common part. */
  readonly environment: Record<string, string>;
}

export interface CommandsSurroundings {
  /** The machine, when it is up and can take commands. */
  machine(instanceId: string): CommandedMachine | undefined;
  /** Folder with the stand-ins for what a machine's distribution brings (`systemctl`, `aws`). */
  tools: string;
  report(command: EmulatedCommand, result: CommandResult): Promise<void>;
  log(line: string): void;
}

/** What is kept of an output; the API gives less. */
const outputCharacters = 48_000;
const killAfterMilliseconds = 3_000;
const retryMilliseconds = 500;

interface Running {
  child?: ChildProcess;
  /** It has ended and been told of. Kept until the emulator's state no longer lists it, or it would be run twice. */
  done?: boolean;
  /** What it will be called when it ends, where somebody ended it. */
  endedAs?: "TimedOut" | "Cancelled";
}

/** Runs on the machines what SSM Run Command was asked for, as the agent on a real one does, and tells how it went. */
export class Commands {
  private readonly running = new Map<string, Running>();
  private closed = false;

  constructor(private readonly around: CommandsSurroundings) {}

  apply(commands: readonly EmulatedCommand[]): void {
    if (this.closed) return;
    const wanted = new Map(commands.map((command) => [keyOf(command), command]));
    for (const [key, { done }] of this.running) if (done && !wanted.has(key)) this.running.delete(key);
    for (const [key, command] of wanted) {
      // A machine that is not there takes no commands, and one that is gone tells of none.
      if (this.around.machine(command.instanceId) === undefined) continue;
      const known = this.running.get(key);
      if (known !== undefined) {
        if (command.status === "Cancelling") this.end(known, "Cancelled");
      } else if (command.status === "Pending") {
        this.start(key, command);
      } else {
        // A former daemon began it, and its processes went with it.
        this.running.set(key, {});
        void this.finish(key, command, {
          status: command.status === "Cancelling" ? "Cancelled" : "Failed",
          exitCode: -1,
          stdout: "",
          stderr: "the machine's agent was restarted while it ran",
        });
      }
    }
  }

  /** The machine is gone: what ran on it ends with it, and nobody tells of it. */
  machineGone(instanceId: string): void {
    for (const [key, running] of this.running) {
      if (!key.endsWith(` ${instanceId}`)) continue;
      kill(running.child, "SIGKILL");
      this.running.delete(key);
    }
  }

  close(): void {
    this.closed = true;
    for (const { child } of this.running.values()) kill(child, "SIGKILL");
    this.running.clear();
  }

  private start(key: string, command: EmulatedCommand): void {
    const machine = this.around.machine(command.instanceId);
    if (machine === undefined) return;
    const folder = command.workingDirectory ? join(machine.root, command.workingDirectory) : machine.root;
    mkdirSync(folder, { recursive: true });
    const child = spawn("sh", ["-c", command.commands.join("\n")], {
      cwd: folder,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: [this.around.tools, dirname(process.execPath), process.env.PATH ?? "/usr/bin:/bin"].join(":"),
        HOME: machine.folder,
        LANG: "C.UTF-8",
        ...machine.environment,
        RETROFIT_ROOT: machine.root,
      },
    });
    const running: Running = { child };
    this.running.set(key, running);
    this.tell(command, { status: "InProgress" });
    const limit = setTimeout(() => this.end(running, "TimedOut"), command.timeoutSeconds * 1000);
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8");
      child[name].on("data", (chunk: string) => {
        if (output[name].length < outputCharacters) output[name] += chunk;
      });
    }
    child.on("error", (error) => {
      output.stderr += `cannot start: ${error.message}`;
    });
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      if (this.running.get(key) !== running) return;
      const exitCode = code ?? (signal === "SIGKILL" ? 137 : 143);
      const status = running.endedAs ?? (exitCode === 0 ? "Success" : "Failed");
      void this.finish(key, command, { status, exitCode, ...output });
    });
  }

  private end(running: Running, as: "TimedOut" | "Cancelled"): void {
    if (running.endedAs !== undefined) return;
    running.endedAs = as;
    kill(running.child, "SIGTERM");
    setTimeout(() => kill(running.child, "SIGKILL"), killAfterMilliseconds).unref();
  }

  /** Tells the end until the emulator has heard it; only then the command may be forgotten. */
  private async finish(key: string, command: EmulatedCommand, result: CommandResult): Promise<void> {
    while (!this.closed) {
      const told = await this.around.report(command, result).then(
        () => true,
        () => false,
      );
      if (told) break;
      await new Promise((resolve) => setTimeout(resolve, retryMilliseconds));
    }
    this.running.set(key, { done: true });
  }

  private tell(command: EmulatedCommand, result: CommandResult): void {
    this.around
      .report(command, result)
      .catch((error: Error) => this.around.log(`command ${command.id}: ${error.message}`));
  }
}

function keyOf({ id, instanceId }: EmulatedCommand): string {
  return `${id} ${instanceId}`;
}

function kill(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}
