import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { EventLog } from "../daemon/events";
import type { CommandResult, EmulatedCommand, EmulatedInstance, EmulatedState, Metric } from "../emulated";
import { packageFolder } from "../folders";
import { trustedCertificates } from "../servers/trust";
import { Addresses } from "./addresses";
import { Artifacts } from "./artifacts";
import { Commands } from "./commands";
import { CpuMeter } from "./cpu";
import { type FirstBoot, firstBoot, type WrittenFile, writtenFiles } from "./first-boot";
import type { ForwarderPrograms } from "./log-forwarder";
import { Machine, type MachineState, unreadable } from "./machine";
import type { RestartPolicy } from "./restarts";
import { Secrets } from "./secrets";
import { Slots } from "./slots";

export interface MachinesSurroundings {
  /** The sandbox's folder. */
  folder: string;
  events: EventLog;
  /** How applications reach the emulator, as an instance's role would let them. */
  connection: { endpoint: string; region: string; accessKeyId: string; secretAccessKey: string };
  /** For every application: the sandbox's marker. */
  environment: Record<string, string>;
  /** Whether a load balancer may still have requests for it. */
  isBusy(instanceId: string): boolean;
  /** The daemon's control socket, by which a command on a machine reaches the machine's units. */
  control: string;
  /** Tells the emulator how a command went. */
  reportCommand(command: EmulatedCommand, result: CommandResult): Promise<void>;
  log(line: string): void;
  restarts?: RestartPolicy;
  forwarder?: ForwarderPrograms;
}

const atATime = 4;
const minimumDrainMilliseconds = 500;
const keptLogs = 20;

/** Which states are told as events, and under which name. */
const told: Partial<Record<MachineState, "booting" | "started" | "restarting" | "failed" | "draining">> = {
  booting: "booting",
  running: "started",
  restarting: "restarting",
  failed: "failed",
  draining: "draining",
};

/** A machine for each emulated instance that should be running. */
export class Machines {
  private readonly present = new Map<string, Machine>();
  private readonly leaving = new Map<string, Promise<void>>();
  private readonly addresses: Addresses;
  private readonly artifacts: Artifacts;
  private readonly secrets: Secrets;
  private readonly slots = new Slots(atATime);
  private readonly cpu = new CpuMeter();
  private readonly commands: Commands;
  private instances: EmulatedInstance[] = [];
  private ended = false;

  constructor(private readonly around: MachinesSurroundings) {
    this.addresses = new Addresses(join(around.folder, "addresses.json"), around.folder);
    this.artifacts = new Artifacts(join(around.folder, "artifacts"), around.connection);
    this.secrets = new Secrets(around.connection);
    this.commands = new Commands({
      machine: (id) => this.commanded(id),
      tools: join(packageFolder(), "sandbox", "machines", "tools"),
      report: (command, result) => around.reportCommand(command, result),
      log: (line) => around.log(line),
    });
    mkdirSync(this.folderOf(), { recursive: true });
    mkdirSync(this.keptFolder(), { recursive: true });
  }

  apply(state: EmulatedState): void {
    if (this.ended) return;
    this.instances = state.instances.filter((instance) => instance.state === "running");
    const wanted = new Set(this.instances.map(({ id }) => id));
    for (const [id, machine] of this.present) if (!wanted.has(id)) this.retire(id, machine);
    for (const instance of this.instances) if (!this.present.has(instance.id)) this.add(instance);
    this.commands.apply(state.commands);
  }

  /** Removes folders of machines that no longer exist, which a former daemon may have left. */
  clearLeftovers(): void {
    for (const id of readdirSync(this.folderOf())) {
      if (!this.present.has(id) && !this.leaving.has(id)) this.remove(id);
    }
  }

  addressOf(instanceId: string): string | undefined {
    return this.instances.some(({ id }) => id === instanceId) ? this.addresses.of(instanceId) : undefined;
  }

  releaseOf(instanceId: string): string | undefined {
    return this.present.get(instanceId)?.release ?? this.releases.get(instanceId);
  }

  get(instanceId: string): Machine | undefined {
    return this.present.get(instanceId);
  }

  list(): { id: string; address: string; release?: string; state: MachineState }[] {
    return [...this.present.values(), ...this.onTheirWay].map(({ id, address, release, state }) => ({
      id,
      address,
      ...(release === undefined ? {} : { release }),
      state,
    }));
  }

  /** CPU in percent of one core, or of the share of it that a machine has; for each machine and for each Auto Scaling group. */
  metrics(now = new Date()): Metric[] {
    const usage = this.cpu.read(
      [...this.present.values()].flatMap(({ id, session }) =>
        session === undefined ? [] : [{ id, session }],
      ),
    );
    const timestamp = now.toISOString();
    return this.instances.flatMap(({ id, autoScalingGroup }) => {
      const percent = usage.get(id);
      if (percent === undefined) return [];
      const value = Math.min(100, percent / (this.present.get(id)?.limit.cores ?? 1));
      const metric = { namespace: "AWS/EC2", name: "CPUUtilization", value, unit: "Percent", timestamp };
      const ofGroup = autoScalingGroup
        ? [{ ...metric, dimensions: { AutoScalingGroupName: autoScalingGroup } }]
        : [];
      return [{ ...metric, dimensions: { InstanceId: id } }, ...ofGroup];
    });
  }

  /** Ends all machines at once, without draining. */
  async close(): Promise<void> {
    this.ended = true;
    this.commands.close();
    await Promise.all([...this.present.values(), ...this.onTheirWay].map((machine) => machine.stop()));
    this.artifacts.close();
    await this.secrets.close();
  }

  private readonly onTheirWay = new Set<Machine>();
  /** Of machines that have gone, so that what is told of their last requests can name it. */
  private readonly releases = new Map<string, string>();

  private add(instance: EmulatedInstance): void {
    const { id } = instance;
    const { document, files } = read(instance);
    const machine = new Machine(id, this.addresses.of(id), this.folderOf(id), document, files, {
      artifacts: this.artifacts,
      secrets: this.secrets,
      trusted: trustedCertificates(this.around.folder),
      slots: this.slots,
      ...(this.around.forwarder === undefined ? {} : { forwarder: this.around.forwarder }),
      environment: this.roleEnvironment(),
      changed: (changed, detail) => this.tell(changed, told[changed.state], detail),
      ...(this.around.restarts === undefined ? {} : { restarts: this.around.restarts }),
    });
    this.present.set(id, machine);
    if (machine.release !== undefined) this.releases.set(id, machine.release);
    // An instance that comes back under the same id waits for its former process.
    const before = this.leaving.get(id) ?? Promise.resolve();
    void before
      .then(() => machine.boot())
      .catch((error: Error) => this.around.log(`machine ${id}: ${error.stack ?? error.message}`));
  }

  /** What the role of an instance gives to whatever runs on it. */
  private roleEnvironment(): Record<string, string> {
    const { endpoint, region, accessKeyId, secretAccessKey } = this.around.connection;
    return {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_EC2_METADATA_DISABLED: "true",
      ...this.around.environment,
    };
  }

  private commanded(id: string) {
    const machine = this.present.get(id);
    if (machine === undefined) return undefined;
    const environment = {
      ...this.roleEnvironment(),
      RETROFIT_CONTROL: this.around.control,
      RETROFIT_MACHINE: id,
      RETROFIT_ADDRESS: machine.address,
      ...machine.commandEnvironment,
    };
    return { folder: machine.folder, root: machine.root, environment };
  }

  private retire(id: string, machine: Machine): void {
    this.present.delete(id);
    this.commands.machineGone(id);
    this.onTheirWay.add(machine);
    const gone = machine
      .drain(() => this.around.isBusy(id), minimumDrainMilliseconds)
      .then(() => {
        if (machine.failure !== undefined) this.keepLog(id);
        this.tell(machine, "stopped");
        this.onTheirWay.delete(machine);
        this.leaving.delete(id);
        if (!this.present.has(id)) this.remove(id);
      })
      .catch((error: Error) => this.around.log(`machine ${id}: ${error.stack ?? error.message}`));
    this.leaving.set(id, gone);
  }

  private tell(machine: Machine, what: (typeof told)[MachineState] | "stopped", detail?: string): void {
    if (what === undefined || this.ended) return;
    const { id, address, release } = machine;
    this.around.events.emit({
      type: `machine.${what}`,
      id,
      address,
      ...(release === undefined ? {} : { release }),
      ...(detail === undefined ? {} : { detail }),
    });
  }

  private remove(id: string): void {
    rmSync(this.folderOf(id), { recursive: true, force: true });
    this.addresses.forget(id);
  }

  private keepLog(id: string): void {
    const log = join(this.folderOf(id), "console.log");
    if (existsSync(log)) copyFileSync(log, join(this.keptFolder(), `${Date.now()}-${id}.log`));
    for (const old of readdirSync(this.keptFolder()).sort().slice(0, -keptLogs)) {
      rmSync(join(this.keptFolder(), old), { force: true });
    }
  }

  private folderOf(id = ""): string {
    return join(this.around.folder, "machines", id);
  }

  private keptFolder(): string {
    return join(this.around.folder, "logs", "machines");
  }
}

function read(instance: EmulatedInstance): {
  document: FirstBoot | string | undefined;
  files: WrittenFile[];
} {
  try {
    return { document: firstBoot(instance.userData), files: writtenFiles(instance.userData) };
  } catch (error) {
    return { document: unreadable(error as Error), files: [] };
  }
}
