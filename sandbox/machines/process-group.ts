import { type ChildProcess, spawn } from "node:child_process";
import type { Console } from "./console";

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** A command with everything it starts: a session and process group of its own, ended as a whole. */
export class ProcessGroup {
  private readonly child: ChildProcess;
  /** How its first process ended. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  private over = false;

  constructor(command: string, options: { folder: string; env: Record<string, string>; console: Console }) {
    const { folder, env, console } = options;
    this.child = spawn("sh", ["-c", command], {
      cwd: folder,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk: Buffer) => console.write(chunk));
    }
    this.exited = new Promise((resolve) => {
      this.child.on("error", (error) => {
        console.note(`cannot start: ${error.message}`);
        this.over = true;
        resolve({ code: 127, signal: null });
      });
      this.child.on("exit", (code, signal) => {
        this.over = true;
        resolve({ code, signal });
      });
    });
  }

  /** The first process's id; also that of the group and the session. */
  get id(): number | undefined {
    return this.child.pid;
  }

  get running(): boolean {
    return !this.over;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.id === undefined) return;
    try {
      process.kill(-this.id, signal);
    } catch {
      // Nobody is left in the group.
    }
  }

  /** SIGTERM, and SIGKILL for what is left after the grace time. Resolves when nothing is left. */
  async end(graceMilliseconds: number): Promise<void> {
    this.signal("SIGTERM");
    const deadline = Date.now() + graceMilliseconds;
    while (this.alive() && Date.now() < deadline) await pause(50);
    this.signal("SIGKILL");
    while (this.alive()) await pause(20);
  }

  private alive(): boolean {
    if (this.id === undefined) return false;
    try {
      process.kill(-this.id, 0);
      return true;
    } catch {
      return false;
    }
  }
}
