import { type ChildProcess, fork } from "node:child_process";
import { failed } from "../errors";
import { executable } from "../package-root";
import type { LoadMessage } from "./load-worker";
import { isFailure, type Sample } from "./trace";

/** A steady load on a site, from a process of its own so that nothing here slows it down. */
export class Load {
  readonly samples: Sample[] = [];
  failures = 0;
  private readonly ended: Promise<void>;
  private complete = false;

  private constructor(
    private readonly child: ChildProcess,
    onSamples: (load: Load) => void,
  ) {
    child.on("message", (message: LoadMessage) => {
      for (const sample of message.samples) {
        this.samples.push(sample);
        if (isFailure(sample)) this.failures += 1;
      }
      if (message.last) this.complete = true;
      onSamples(this);
    });
    this.ended = new Promise((resolve) => child.once("exit", () => resolve()));
  }

  static start(url: string, rate: number, onSamples: (load: Load) => void = () => {}): Load {
    const child = fork(executable(), ["demo-load", url, String(rate)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    return new Load(child, onSamples);
  }

  /** Ends the load; every request that was answered until then is in `samples`. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.connected) this.child.send("stop");
    await this.ended;
    if (!this.complete) throw failed("The load generator ended early, so the numbers would not be complete.");
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }
}
