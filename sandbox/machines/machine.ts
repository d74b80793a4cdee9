import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { CpuLimit } from "../cpu/limit";
import { engineEnvironment } from "../docker/engine";
import { playHost } from "../docker/play";

import type { Artifacts } from "./artifacts";
import { Console } from "./console";
import {
  asDocument,
  documentPath,
  type FirstBoot,
  type Workload,
  type WrittenFile,
  workloadOf,
} from "./first-boot";
import { type ForwarderPrograms, LogForwarder } from "./log-forwarder";
import { ProcessGroup } from "./process-group";
import { afterExit, likeSystemd, type RestartPolicy } from "./restarts";
import type { Secrets } from "./secrets";
import type { Slots } from "./slots";

export type MachineState =
  | "idle"
  | "pending"
  | "booting"
  | "running"
  | "restarting"
  | "failed"
  | "draining"
  | "stopping";

export interface MachineSurroundings {
  artifacts: Artifacts;
  secrets: Secrets;
  /** A file with the certificates of databases and session stores, once there are any. */
  trusted: string;
  /** At most so many boot at the same time. */
  slots: Slots;
  /** For every application, beside what its document says: the marker, and what an instance's role gives. */
  environment: Record<string, string>;
  /** Where syslog-ng is, for machines that ship their lines. */
  forwarder?: ForwarderPrograms;
  changed(machine: Machine, detail?: string): void;
  restarts?: RestartPolicy;
}

const killAfterMilliseconds = 10_000;
const bootMilliseconds = 5_000;
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** What stands for one emulated instance: a process, started by doing what the instance's first boot would do. */
export class Machine {
  state: MachineState = "pending";
  /** Why it failed, when it did. */
  failure: string | undefined;
  private group: ProcessGroup | undefined;
  private failures = 0;
  private forwarder: LogForwarder | undefined;
  private readonly console: Console;
  private readonly log: string;
  /** What `/` is on a real machine: the files that first boot writes, and releases below `opt`. */
  readonly root: string;

  constructor(
    readonly id: string,
    readonly address: string,
    readonly folder: string,
    /** None: an instance without an application of ours; a text: the document cannot be read. */
    private document: FirstBoot | string | undefined,
    files: readonly WrittenFile[],
    private readonly around: MachineSurroundings,
  ) {
    this.root = join(folder, "root");
    this.firstBoot(files);
    this.log = join(folder, "console.log");
    this.console = new Console(this.log);
  }

  get release(): string | undefined {
    return typeof this.document === "object" ? this.document.release : undefined;
  }

  /** What its application may use of the processor. */
  readonly limit = new CpuLimit(() => this.session);

  /** The session that its processes are in. */
  get session(): number | undefined {
    return this.group?.running ? this.group.id : undefined;
  }

  async boot(): Promise<void> {
    if (this.document === undefined) return this.become("idle");
    if (typeof this.document === "string") return this.fail(this.document);
    await this.around.slots.use(async () => {
      if (this.leaving) return;
      this.become("booting");
      try {
        const { what, archive, folder } = this.workload(this.document as FirstBoot);
        const place = join(this.root, folder);
        rmSync(place, { recursive: true, force: true });
        mkdirSync(place, { recursive: true });
        this.console.note(`${what} from s3://${archive.bucket}/${archive.key}`);
        await this.around.artifacts.unpack(archive, place);
        writeFileSync(join(place, ".retrofit-sha256"), `${archive.sha256}\n`);
      } catch (error) {
        return this.fail((error as Error).message);
      }
      await this.startForwarder();
      await this.start();
    });
  }

  /** What `systemctl` does with the application's unit. A restart takes what the machine's files say by then. */
  async unit(verb: "start" | "stop" | "restart" | "is-active"): Promise<{ active: boolean }> {
    if (verb !== "is-active" && !this.leaving) {
      const former = this.group;
      this.limit.resume();
      this.group = undefined;
      if (verb !== "start" || !former?.running) await former?.end(killAfterMilliseconds);
      else this.group = former;
      if (verb === "stop") this.fail("the application was stopped");
      else if (this.group === undefined) {
        this.failure = undefined;
        this.failures = 0;
        this.readDocument();
        this.become("restarting", this.release && `release ${this.release}`);
        await this.startForwarder();
        await this.start();
      }
    }
    return { active: this.group?.running ?? false };
  }

  /** SIGKILL for the application; the machine starts it again as after any crash. */
  killProcess(): void {
    this.group?.signal("SIGKILL");
  }

  /** SIGKILL, and it stays down: the machine itself is gone. */
  killForGood(): void {
    if (this.leaving) return;
    this.fail("the machine was killed");
    this.group?.signal("SIGKILL");
  }

  /** No new requests come any more: waits until the last ones are answered, then ends the application. */
  async drain(isBusy: () => boolean, minimumMilliseconds: number): Promise<void> {
    this.become("draining");
    await pause(minimumMilliseconds);
    while (isBusy()) await pause(100);
    await this.stop();
  }

  async stop(): Promise<void> {
    this.become("stopping");
    this.limit.lift();
    await this.group?.end(killAfterMilliseconds);
    this.console.note("stopped");
    await this.forwarder?.end();
    this.console.close();
  }

  private get leaving(): boolean {
    return this.state === "draining" || this.state === "stopping";
  }

  /** Starts the application and waits until it listens, so that a machine's boot is over when its slot is given on. */
  private async start(): Promise<void> {
    if (this.leaving || typeof this.document !== "object") return;
    const workload = this.workload(this.document);
    let secrets: Record<string, string>;
    try {
      secrets = await this.around.secrets.values(workload.secrets);
    } catch (error) {
      return this.fail((error as Error).message);
    }
    if (this.leaving) return;
    const startedAt = Date.now();
    const group = new ProcessGroup(workload.command, {
      folder: join(this.root, workload.folder),
      env: this.environmentOf(workload, secrets),
      console: this.console,
    });
    this.group = group;
    void group.exited.then((exit) => this.ended(group, exit, Date.now() - startedAt));
    const listening = await Promise.race([
      this.listens(workload.port, startedAt + bootMilliseconds, group),
      group.exited.then(() => false),
    ]);
    if (listening && group.running && !this.leaving && this.state !== "failed") this.become("running");
  }

  private async listens(port: number | undefined, deadline: number, group: ProcessGroup): Promise<boolean> {
    while (port !== undefined && Date.now() < deadline && group.running) {
      if (await accepts(this.address, port)) return true;
      await pause(50);
    }
    // It runs but does not listen (yet): the health check is the judge of that.
    return group.running;
  }

  private async ended(
    group: ProcessGroup,
    exit: { code: number | null; signal: NodeJS.Signals | null },
    ranMilliseconds: number,
  ): Promise<void> {
    if (this.leaving || this.state === "failed" || this.group !== group) return;
    const policy = this.around.restarts ?? likeSystemd;
    const next = afterExit(exit, ranMilliseconds, this.failures, policy);
    if (!next.restart) return this.fail(next.why);
    this.failures = next.failures;
    const detail = `the application ended (${exit.signal ?? `exit code ${exit.code}`}); new start ${next.failures} of ${policy.tries}`;
    this.become("restarting", detail);
    // What it left behind would hold the port.
    this.group?.signal("SIGKILL");
    await pause(policy.waitMilliseconds);
    if (this.group === group) await this.start();
  }

  /** Anew after each release: it says on each line which one it is of. */
  private async startForwarder(): Promise<void> {
    const { forwarder } = this.around;
    if (forwarder === undefined || typeof this.document !== "object") return;
    await this.forwarder?.stop();
    try {
      this.forwarder = await LogForwarder.start(
        this.id,
        this.root,
        this.log,
        this.document,
        this.around,
        forwarder,
      );
    } catch (error) {
      this.forwarder = undefined;
      this.console.note(`lines are not shipped: ${(error as Error).message}`);
    }
  }

  /** Once for an instance: what was changed on the machine since then stays, as it does on a real one. */
  private firstBoot(files: readonly WrittenFile[]): void {
    const done = join(this.root, "var/lib/cloud/data/instance-id");
    if (!existsSync(done)) {
      for (const { path, content, mode } of files) {
        const file = join(this.root, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content, { mode });
      }
      mkdirSync(dirname(done), { recursive: true });
      writeFileSync(done, `${this.id}\n`);
    }
    this.readDocument();
  }

  private readDocument(): void {
    const file = join(this.root, documentPath);
    if (!existsSync(file)) return;
    try {
      this.document = asDocument(readFileSync(file, "utf8"));
    } catch (error) {
      this.document = unreadable(error as Error);
    }
  }

  private workload(document: FirstBoot): Workload {
    return workloadOf(document, (folder) =>
      playHost({ folder: this.folder, address: this.address, configuration: join(this.root, folder) }),
    );
  }

  /** What its commands are told besides what those of all machines are. */
  get commandEnvironment(): Record<string, string> {
    return this.document && typeof this.document === "object" && this.document.docker
      ? { MACHINE_ID: this.id, ...engineEnvironment(this.folder) }
      : {};
  }

  private environmentOf(workload: Workload, secrets: Record<string, string>): Record<string, string> {
    return {
      PATH: `${dirname(process.execPath)}:${process.env.PATH ?? "/usr/bin:/bin"}`,
      HOME: this.folder,
      LANG: "C.UTF-8",
      ...(existsSync(this.around.trusted) ? { NODE_EXTRA_CA_CERTS: this.around.trusted } : {}),
      ...this.around.environment,
      ...workload.environment,
      ...secrets,
      HOST: this.address,
      MACHINE_ID: this.id,
    };
  }

  private fail(why: string): void {
    if (this.leaving) return;
    this.failure = why;
    this.become("failed", why);
  }

  private become(state: MachineState, detail?: string): void {
    this.state = state;
    this.console.note(detail === undefined ? state : `${state}: ${detail}`);
    this.around.changed(this, detail);
  }
}

export function unreadable(error: Error): string {
  return `the first boot document cannot be read: ${error.message}`;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
    socket.once("timeout", () => answer(false));
  });
}
