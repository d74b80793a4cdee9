import type { LocalChecks, MachineDocument, RunCommandClients } from "../../machine";
import { type Clock, GateError, type Report, type TrafficClients } from "../traffic";
import { type LaunchTemplateVersion, type Machine, UpdatedGroup } from "./group";
import { MachineLost, MachineReleases, sameDocument } from "./machines";
import { errorsBefore, type WatchSettings, watchFirst } from "./watch";

export interface InPlaceClients extends TrafficClients, RunCommandClients {}

export interface InPlaceRequest {
  readonly targetGroupArn: string;
  readonly loadBalancerArn: string;
  /** What each machine is to be. */
  readonly wanted: MachineDocument;
  /** What machines that start from now on are made of; undefined leaves the group's. */
  readonly template?: LaunchTemplateVersion;
  /** Go on where only one machine serves, which is down for the time of its restart. */
  readonly acceptDowntime: boolean;
}

export interface InPlaceSettings extends WatchSettings {
  readonly smoke: LocalChecks["smoke"];
  readonly healthPath: string;
  readonly healthyPolls: number;
  readonly healthTimeoutSeconds: number;
  readonly deregistrationDelaySeconds: number;
}

/** The words by which somebody says that he knows what the update of a single machine means. */
export const DOWNTIME_WORDS = "the site is down meanwhile";

const LOST_ALLOWED = 2;

/**
 * Gives the running machines another release, one at a time: out of the load balancer, updated, asked for health and smoke on
 * the machine itself, back in, healthy; then the next. The first one is watched with users' requests before the others
 * follow. Machines that start meanwhile are done too, and from then on the group starts machines with the release.
 *
 * A run that was killed is taken up by the next: which machine runs what is asked of the machines.
 *
 * @throws GateError with what was seen; every machine that had been given the release has its former one again by then.
 */
export async function updateInPlace(
  clients: InPlaceClients,
  request: InPlaceRequest,
  settings: InPlaceSettings,
  report: Report,
  clock: Clock,
): Promise<"updated" | "nothing to update"> {
  const run = new InPlaceUpdate(clients, request, settings, report, clock);
  return run.run();
}

class InPlaceUpdate {
  private readonly group: UpdatedGroup;
  private readonly releases: MachineReleases;
  /** Machines that this run has begun to give the release, with what they ran before. */
  private readonly begun = new Map<string, MachineDocument>();
  /** Machines that are out of the load balancer, which their group does not count. */
  private readonly out = new Set<string>();
  private templateBefore: LaunchTemplateVersion | undefined;
  private errorsBefore = 0;
  private lost = 0;

  constructor(
    private readonly clients: InPlaceClients,
    private readonly request: InPlaceRequest,
    private readonly settings: InPlaceSettings,
    private readonly report: Report,
    private readonly clock: Clock,
  ) {
    this.group = new UpdatedGroup(clients, request.targetGroupArn, clock);
    const checks = {
      healthPath: settings.healthPath,
      healthSeconds: settings.healthTimeoutSeconds,
      smoke: settings.smoke,
    };
    this.releases = new MachineReleases(clients, checks, report, clock);
  }

  async run(): Promise<"updated" | "nothing to update"> {
    this.templateBefore = await this.group.launchTemplate();
    this.errorsBefore = await errorsBefore(this.clients, this.watched, this.clock.now()).catch(() => 0);
    try {
      await this.updateAll();
    } catch (error) {
      throw await this.putBack(error);
    } finally {
      await this.group.restoreMinimum();
    }
    return this.begun.size > 0 ? "updated" : "nothing to update";
  }

  /** Machines come and go meanwhile, so each round looks anew; it ends when a look behind the template finds all done. */
  private async updateAll(): Promise<void> {
    const { template } = this.request;
    for (let settled = false; ; ) {
      const next = await this.next();
      if (next) {
        await this.update(next);
        continue;
      }
      if (settled || !template) return;
      await this.group.startWith(template);
      settled = true;
    }
  }

  /** The next machine that is not what it is to be; what another run left half done comes first, then what is sick. */
  private async next(): Promise<Machine | undefined> {
    const machines = await this.settledMachines();
    const outdated: Machine[] = [];
    for (const machine of machines) {
      if (machine.lifecycle === "Standby" || !(await this.isCurrent(machine))) outdated.push(machine);
    }
    if (outdated.length === 0) return undefined;
    const done = machines.length - outdated.length;
    this.report(`in place: ${done}/${machines.length} machines run ${this.request.wanted.release}`);
    const order = (machine: Machine) =>
      machine.lifecycle === "Standby" ? 0 : machine.health === "healthy" ? 2 : 1;
    const next = outdated.sort((a, b) => order(a) - order(b))[0]!;
    this.refuseDowntime(machines, next);
    return next;
  }

  private async isCurrent({ id }: Machine): Promise<boolean> {
    try {
      const release = await this.releases.of(id);
      return release?.active === true && sameDocument(release.document, this.request.wanted);
    } catch (error) {
      // Whoever replaces it is in the next look.
      if (error instanceof MachineLost) return true;
      throw error;
    }
  }

  private refuseDowntime(machines: Machine[], next: Machine): void {
    const serves = next.lifecycle === "InService" && next.health === "healthy";
    const others = machines.filter(({ id, lifecycle }) => id !== next.id && lifecycle === "InService");
    if (!serves || others.length > 0 || this.request.acceptDowntime) return;
    throw new GateError(
      "capacity",
      `${next.id} is the only machine that serves: updated in place, the site would be down until it has restarted. ` +
        "Set web.min to 2 or more, use deployment blueGreen, " +
        `or say that it may be: retrofit release --force "${DOWNTIME_WORDS}" (RETROFIT_FORCE for plain pulumi).`,
    );
  }

  private async update(machine: Machine): Promise<void> {
    const former = (await this.releases.of(machine.id))?.document;
    const { release } = this.request.wanted;
    this.report(`in place: ${machine.id}: ${former?.release ?? "unknown"} → ${release}`);
    // What does not say what it runs is put back to what its group starts: a fresh machine.
    if (former && !this.begun.has(machine.id)) this.begun.set(machine.id, former);
    try {
      await this.exchange(machine, this.request.wanted);
    } catch (error) {
      if (!(error instanceof MachineLost)) throw error;
      await this.replaceLost(machine);
      return;
    }
    if (this.begun.size === 1) {
      const { waitSeconds } = this.settings;
      this.report(`in place: the first machine serves with ${release}, watching for ${waitSeconds} s`);
      await watchFirst(this.clients, this.watched, this.errorsBefore, this.settings, this.report, this.clock);
    }
  }

  /** Out of the load balancer, updated, back in. */
  private async exchange(machine: Machine, document: MachineDocument): Promise<void> {
    if (machine.lifecycle !== "Standby") await this.group.takeOut(machine.id);
    this.out.add(machine.id);
    const drained = this.settings.deregistrationDelaySeconds + 60;
    await this.until(`${machine.id} has finished its requests`, drained, async () => {
      const now = await this.find(machine.id);
      return now.lifecycle === "Standby" && now.health === "none";
    });
    await this.releases.give(machine.id, document);
    await this.group.takeIn(machine.id);
    this.out.delete(machine.id);
    let streak = 0;
    const { healthyPolls, healthTimeoutSeconds } = this.settings;
    await this.until(`${machine.id} is healthy again`, healthTimeoutSeconds, async () => {
      const now = await this.find(machine.id);
      streak = now.lifecycle === "InService" && now.health === "healthy" ? streak + 1 : 0;
      return streak >= healthyPolls;
    });
  }

  private async find(id: string): Promise<Machine> {
    const found = (await this.group.machines()).find((machine) => machine.id === id);
    if (!found) throw new MachineLost(`${id} is gone`);
    return found;
  }

  /** A machine died while it was out. That is not the release's fault the first times. */
  private async replaceLost({ id }: Machine): Promise<void> {
    this.begun.delete(id);
    this.lost += 1;
    this.report(`in place: ${id} died meanwhile; its group starts another`);
    if (this.out.delete(id)) await this.group.makeUpFor();
    if (this.lost > LOST_ALLOWED) {
      throw new GateError("machine", `${this.lost} machines died while they were given the release.`);
    }
  }

  /** Waits until every machine is up, so that none is taken out while another is missing. */
  private async settledMachines(): Promise<Machine[]> {
    let machines: Machine[] = [];
    await this.until("all machines are up", this.settings.healthTimeoutSeconds, async () => {
      machines = await this.group.machines();
      const { DesiredCapacity = 0 } = await this.group.read();
      const standing = machines.filter(({ lifecycle }) => lifecycle !== "Standby");
      // Unhealthy ones are as up as they will be; they are the first to get the release.
      const up = standing.filter(
        ({ lifecycle, health }) => lifecycle === "InService" && /^(healthy|unhealthy)$/.test(health),
      );
      return up.length === standing.length && standing.length >= DesiredCapacity;
    });
    return machines;
  }

  private async until(what: string, seconds: number, holds: () => Promise<boolean>): Promise<void> {
    const deadline = this.clock.now() + seconds;
    while (!(await holds())) {
      if (this.clock.now() >= deadline)
        throw new GateError("health", `waited ${seconds} s in vain until ${what}.`);
      this.report(`in place: waiting until ${what}`);
      await this.clock.sleep(this.settings.pollSeconds);
    }
  }

  /** Every machine that was given the release gets its former one again, in the same order of steps. */
  private async putBack(error: unknown): Promise<unknown> {
    const told: string[] = [];
    const failed: string[] = [];
    if (this.begun.size > 0) this.report("in place: stopped, putting back");
    if (this.templateBefore) await this.group.startWith(this.templateBefore);
    for (const [id, former] of [...this.begun].reverse()) {
      try {
        await this.exchange(await this.find(id), former);
        told.push(`${id} runs ${former.release} again`);
        this.report(`in place: ${id} runs ${former.release} again`);
      } catch (second) {
        const replaced = await this.replace(id, second);
        (replaced ? told : failed).push(
          replaced ?? `${id} could NOT be put back: ${(second as Error).message}`,
        );
      }
    }
    return withOutcome(error, told, failed);
  }

  /** A machine that cannot be made good again goes, and a fresh one with the former release comes. */
  private async replace(id: string, why: unknown): Promise<string | undefined> {
    try {
      if (!(why instanceof MachineLost)) await this.group.end(id);
      if (this.out.delete(id)) await this.group.makeUpFor();
      this.report(`in place: ${id} is replaced by a fresh machine`);
      return `${id} is replaced by a fresh machine`;
    } catch {
      return undefined;
    }
  }

  private get watched() {
    return { listenerArn: this.request.loadBalancerArn, targetGroupArn: this.request.targetGroupArn };
  }
}

function withOutcome(error: unknown, told: string[], failed: string[]): unknown {
  const back = told.length > 0 ? `Put back: ${told.join("; ")}.` : "No machine was changed.";
  const sentence = failed.length > 0 ? `${back} ${failed.join("; ")}.` : back;
  if (error instanceof GateError) return error.withTraffic(sentence);
  return new GateError("machine", `${(error as Error).message}.`, sentence);
}
