import { rmSync } from "node:fs";
import type { CpuLimit } from "../cpu/limit";
import type { EmulatedState, Metric } from "../emulated";
import { Reports } from "./reports";
import type { ServerKind, ServerStatus, ServersSurroundings } from "./surroundings";
import { Turns } from "./turns";

/** A server as it is declared, and the running one once there is one. */
export interface Holder<Spec, Server> {
  spec: Spec;
  server?: Server;
}

interface Declared {
  id: string;
  identifier: string;
  address: string;
  port: number;
}

/** A number of one server, for the dimensions that CloudWatch keeps it under. */
export type Measure = Pick<Metric, "name" | "value" | "unit">;

export interface RunningServer {
  /** What it may use of the processor. */
  readonly limit: CpuLimit;
  readonly running: boolean;
  kill(): void;
  stop(): Promise<void>;
  /** What happened since they were asked for last, where CloudWatch is told of it. */
  measures?(): Measure[];
}

/** One real server for each emulated one of a kind. What is done with one server is done in turn. */
export abstract class Servers<Spec extends Declared, Server extends RunningServer, Programs> {
  protected readonly present = new Map<string, Holder<Spec, Server>>();
  protected readonly reports: Reports;
  protected readonly turns = new Turns();
  protected ended = false;
  private programs: Promise<Programs> | undefined;

  constructor(
    private readonly kind: ServerKind,
    protected readonly around: ServersSurroundings,
  ) {
    this.reports = new Reports(kind, around);
  }

  abstract apply(state: EmulatedState): void;
  /** Removes what a former daemon may have left of servers that are gone. */
  abstract clearLeftovers(): void;

  protected abstract start(holder: Holder<Spec, Server>): Promise<void>;
  protected abstract change(holder: Holder<Spec, Server>, spec: Spec): void;
  protected abstract loadPrograms(): Promise<Programs>;
  /** A server's own folder; without an id, where all of them are. */
  protected abstract folderOf(id?: string): string;

  report() {
    return this.reports.all();
  }

  list(): ServerStatus[] {
    return [...this.present.values()].map(({ spec }) => this.reports.status(spec));
  }

  named(identifier: string): Server | undefined {
    return [...this.present.values()].find(({ spec }) => spec.identifier === identifier)?.server;
  }

  /** What CloudWatch is told of each server that runs. */
  metrics(now = new Date()): Metric[] {
    const timestamp = now.toISOString();
    return [...this.present.values()].flatMap(({ spec, server }) => {
      const place = this.place(spec);
      const measures = server?.running ? (server.measures?.() ?? []) : [];
      return place === undefined ? [] : measures.map((measure) => ({ ...measure, ...place, timestamp }));
    });
  }

  async close(): Promise<void> {
    this.ended = true;
    await this.stopAll();
    await this.turns.idle();
    // Also what was being started meanwhile.
    await this.stopAll();
  }

  protected addOrChange(specs: readonly Spec[]): void {
    for (const spec of specs) {
      const holder = this.present.get(spec.id);
      if (holder === undefined) this.add(spec);
      else if (JSON.stringify(holder.spec) !== JSON.stringify(spec)) this.change(holder, spec);
    }
  }

  protected removeAllBut(declared: ReadonlySet<string>): void {
    for (const [id, holder] of this.present) if (!declared.has(id)) this.remove(id, holder);
  }

  protected inTurn(holder: Holder<Spec, Server>, work: () => Promise<void>): void {
    const { id } = holder.spec;
    void this.turns
      .take(id, async () => {
        if (!this.ended && this.present.get(id) === holder) await work();
      })
      .catch((error: Error) => this.ended || this.reports.failed(holder.spec, error));
  }

  /** What failed to be found is looked for again the next time. */
  protected findPrograms(): Promise<Programs> {
    this.programs ??= this.loadPrograms().catch((error: Error) => {
      this.programs = undefined;
      throw error;
    });
    return this.programs;
  }

  /** Under which name CloudWatch keeps what is measured of a server; undefined where it is told nothing. */
  protected place(_spec: Spec): Pick<Metric, "namespace" | "dimensions"> | undefined {
    return undefined;
  }

  private add(spec: Spec): void {
    const holder: Holder<Spec, Server> = { spec };
    this.present.set(spec.id, holder);
    this.reports.starting(spec.id);
    this.inTurn(holder, () => this.start(holder));
  }

  private remove(id: string, holder: Holder<Spec, Server>): void {
    this.present.delete(id);
    void this.turns
      .take(id, async () => {
        await holder.server?.stop();
        rmSync(this.folderOf(id), { recursive: true, force: true });
      })
      .catch((error: Error) => this.around.log(`${this.kind} ${id}: ${error.message}`))
      .finally(() => this.reports.gone(id, holder.spec));
  }

  private async stopAll(): Promise<void> {
    await Promise.all([...this.present.values()].map(({ server }) => server?.stop()));
  }
}
