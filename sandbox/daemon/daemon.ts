import type { ChildProcess } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Connection, credentials, region } from "../environment";
import { SandboxError } from "../errors";
import type { SandboxFiles } from "../folders";
import { LoadBalancers } from "../load-balancer/load-balancers";
import { checkPortPermission } from "../load-balancer/permission";
import { forwarderPrograms } from "../machines/log-forwarder";
import type { Machine } from "../machines/machine";
import { Machines } from "../machines/machines";
import type { ProgressEvent } from "../progress";
import { Databases } from "../servers/databases";
import { LogStores } from "../servers/log-stores";
import type { RunningServer } from "../servers/servers";
import { SessionStores } from "../servers/session-stores";
import type { Fault, SandboxStatus } from "../status";
import { ControlServer } from "./control-server";
import { EmulatorProcess } from "./emulator-process";
import { EventLog } from "./events";
import { startGuardian } from "./guardian";
import { Leases } from "./leases";
import { markedProcesses, sandboxMarker, sweep } from "./processes";
import { Reporter } from "./reporter";

export interface DaemonOptions {
  files: SandboxFiles;
  /** The value of the marker that every process of this run carries. */
  id: string;
  /** The interpreter of the emulator's virtual environment. */
  python: string;
  engineFolder?: string;
}

const longPollSeconds = 20;
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** What owns everything of a sandbox: the emulator, the load balancers, the machines. */
export class Daemon {
  readonly leases: Leases;
  private readonly events = new EventLog();
  private readonly control: ControlServer;
  private guardian: ChildProcess | undefined;
  private emulator: EmulatorProcess | undefined;
  private machines: Machines | undefined;
  private balancers: LoadBalancers | undefined;
  private databases: Databases | undefined;
  private sessionStores: SessionStores | undefined;
  private logStores: LogStores | undefined;
  private reporter: Reporter | undefined;
  private readonly ending = new AbortController();
  private ended: Promise<void> | undefined;

  constructor(
    private readonly options: DaemonOptions,
    private readonly log: (line: string) => void,
    /** Called when everything has ended. */
    private readonly onEnded: () => void = () => {},
  ) {
    this.leases = new Leases(options.id, () => {
      log("the last leaseholder is gone");
      void this.stop();
    });
    this.control = new ControlServer(
      options.files.socket,
      {
        status: () => this.status(),
        connection: () => {
          this.refuseWhenEnding();
          return this.connection();
        },
        keep: () => {
          this.refuseWhenEnding();
          this.leases.keep();
          this.writeDaemonFile();
          return {};
        },
        stop: () => {
          // After the answer, which would not get through otherwise.
          setImmediate(() => void this.stop());
          return {};
        },
        fault: (fault) => this.inject(fault),
        unit: ({ instanceId, verb }) => this.machineOf(instanceId).unit(verb),
      },
      this.leases,
      this.events,
    );
  }

  /** Brings up what the emulator's journal says; resolves when load balancers listen and machines are on their way. */
  async start(): Promise<void> {
    const { files, id, python } = this.options;
    for (const folder of [files.folder, files.logs, files.state, files.pulumi])
      mkdirSync(folder, { recursive: true });
    await checkPortPermission();
    await this.clearFormer();
    this.guardian = startGuardian(id);

    const emulator = await EmulatorProcess.create(python, files, {
      lost: (detail) => this.events.emit({ type: "emulator.lost", detail }),
      ready: () => {
        this.events.emit({ type: "emulator.ready" });
        this.reporter?.forgotten();
      },
    });
    this.emulator = emulator;
    await emulator.start();
    this.compose(emulator);
    await this.control.open();
    this.writeDaemonFile();
    await this.follow(-1);
    for (const owner of [this.machines, this.databases, this.sessionStores, this.logStores])
      owner?.clearLeftovers();
    void this.followOn();
  }

  /** Ends everything. The journal and Pulumi's state stay. */
  stop(): Promise<void> {
    this.ended ??= this.end();
    return this.ended;
  }

  private compose(emulator: EmulatorProcess): void {
    const { files, id } = this.options;
    const { folder } = files;
    const common = { folder, events: this.events, log: this.log };
    const progress = ({ step, state, detail }: ProgressEvent) =>
      this.log(`${step}: ${state}${detail ? ` (${detail})` : ""}`);
    const machines = new Machines({
      ...common,
      connection: { endpoint: emulator.endpoint, region, ...credentials },
      environment: { [sandboxMarker]: id },
      isBusy: (instanceId) => balancers.isDraining(instanceId),
      control: files.socket,
      forwarder: forwarderPrograms(progress),
      reportCommand: (command, result) => emulator.client.reportCommand(command, result),
    });
    const balancers: LoadBalancers = new LoadBalancers({
      ...common,
      addressOf: (instanceId) => machines.addressOf(instanceId),
      releaseOf: (instanceId) => machines.releaseOf(instanceId),
      onHealthChange: () => this.reporter?.healthChanged(),
    });
    const servers = {
      ...common,
      logs: files.logs,
      certificates: join(folder, "certificates"),
      environment: { [sandboxMarker]: id },
      progress,
      changed: () => this.reporter?.serversChanged(),
    };
    const databases = new Databases(servers);
    const sessionStores = new SessionStores(servers);
    const logStores = new LogStores(servers);
    this.databases = databases;
    this.sessionStores = sessionStores;
    this.logStores = logStores;
    this.machines = machines;
    this.balancers = balancers;
    this.reporter = new Reporter(emulator.client, {
      targetHealth: () => balancers.targetHealth(),
      servers: () => ({ ...databases.report(), ...sessionStores.report(), ...logStores.report() }),
      metrics: (second) => [
        ...balancers.metrics(),
        ...(second % 5 === 0
          ? [machines, databases, sessionStores, logStores].flatMap((owner) => owner.metrics())
          : []),
      ],
    });
    // From now on a database is available when its server is.
    this.reporter.serversChanged();
  }

  /** One look at the emulator's state, and what follows from it. Gives the revision. */
  private async follow(since: number): Promise<number> {
    const state = await this.emulator!.client.state(since, longPollSeconds, this.ending.signal);
    // Machines first: they know the addresses. None ends before the load balancers have been told, in the same turn.
    this.databases?.apply(state);
    this.sessionStores?.apply(state);
    this.logStores?.apply(state);
    this.machines?.apply(state);
    await this.balancers?.apply(state);
    return state.revision;
  }

  private async followOn(): Promise<void> {
    let revision = -1;
    while (this.ended === undefined) {
      revision = await this.follow(revision).catch(async (error: Error) => {
        if (this.ended === undefined) this.log(`the emulator's state: ${error.message}`);
        // It is down. Load balancers and machines go on as they are; when it is back its whole state is read.
        await pause(200);
        return -1;
      });
    }
  }

  /** What a daemon that was killed may have left. */
  private async clearFormer(): Promise<void> {
    const { key } = this.options.files;
    const left = markedProcesses(sandboxMarker, `${key}-`).length;
    if (left === 0) return;
    this.log(`${left} processes of a former run are left; they are ended`);
    await sweep(sandboxMarker, `${key}-`);
  }

  private async end(): Promise<void> {
    const { files, id } = this.options;
    this.log("ending");
    this.ending.abort();
    this.reporter?.close();
    await Promise.allSettled([this.balancers?.close(), this.machines?.close()]);
    await Promise.allSettled([this.databases?.close(), this.sessionStores?.close(), this.logStores?.close()]);
    await this.emulator?.stop();
    await sweep(sandboxMarker, id);
    rmSync(files.daemon, { force: true });
    this.control.close();
    this.guardian?.kill("SIGKILL");
    this.log("ended");
    this.onEnded();
  }

  private status(): SandboxStatus {
    return {
      running: true,
      ...(this.emulator === undefined ? {} : { endpoint: this.emulator.endpoint }),
      pid: process.pid,
      leased: this.leases.leased,
      machines: this.machines?.list() ?? [],
      listeners: this.balancers?.listeners() ?? [],
      servers: [this.databases, this.sessionStores, this.logStores].flatMap((owner) => owner?.list() ?? []),
    };
  }

  private connection(): Connection {
    const { engineFolder } = this.options;
    return { endpoint: this.emulator!.endpoint, ...(engineFolder === undefined ? {} : { engineFolder }) };
  }

  private async inject(fault: Fault): Promise<Record<string, never>> {
    if (fault.kind === "restartEmulator") {
      this.emulator?.kill();
      return {};
    }
    if (fault.kind === "slowMachine" || fault.kind === "slowServer") checkPercent(fault.cpuPercent);
    if (fault.kind === "killServer" || fault.kind === "slowServer") {
      const server = this.serverOf(fault.identifier);
      if (fault.kind === "killServer") server.kill();
      else server.limit.set(fault.cpuPercent);
      return {};
    }
    const machine = this.machineOf(fault.instanceId);
    if (fault.kind === "killProcess") machine.killProcess();
    else if (fault.kind === "slowMachine") machine.limit.set(fault.cpuPercent);
    else {
      machine.killForGood();
      await this.emulator?.client.failInstance(fault.instanceId, "the machine was killed");
    }
    return {};
  }

  private serverOf(identifier: string): RunningServer {
    const owners = [this.databases, this.sessionStores, this.logStores];
    const server = owners.map((owner) => owner?.named(identifier)).find((found) => found !== undefined);
    if (server !== undefined) return server;
    throw new SandboxError(`There is no server "${identifier}".`, "`retrofit sandbox status` lists them.");
  }

  private machineOf(instanceId: string): Machine {
    const machine = this.machines?.get(instanceId);
    if (machine !== undefined) return machine;
    const ids = this.machines?.list().map(({ id }) => id) ?? [];
    throw new SandboxError(`There is no machine "${instanceId}".`, `There are: ${ids.join(", ") || "none"}.`);
  }

  private refuseWhenEnding(): void {
    if (this.ended !== undefined)
      throw new SandboxError("The sandbox is ending.", "Start it again in a moment.");
  }

  private writeDaemonFile(): void {
    const { files, id } = this.options;
    const content = {
      pid: process.pid,
      id,
      leased: this.leases.leased,
      socket: files.socket,
      ...this.connection(),
    };
    writeFileSync(`${files.daemon}.new`, `${JSON.stringify(content, null, 2)}\n`);
    renameSync(`${files.daemon}.new`, files.daemon);
  }
}

function checkPercent(cpuPercent: number): void {
  if (cpuPercent > 0 && cpuPercent <= 100) return;
  throw new SandboxError(
    `cpuPercent: got ${cpuPercent}; allowed: above 0, up to 100.`,
    "100 gives it a whole core again.",
  );
}
