import type { Action } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { RDSClient } from "@aws-sdk/client-rds";
import type { Clock, Report, TrafficClients } from "../../web-tier/traffic";
import { GateError } from "../../web-tier/traffic/gate-error";
import { readServing, writeActions } from "../../web-tier/traffic/serving";
import { servingGroups } from "../../web-tier/traffic/weights";
import { type ChangeClass, decide, type History, type MigrationSet, type Plan } from "../migrations";
import { type Barrier, barring, EMPTY_LEDGER, type Ledger, type LedgerStore, withHistory } from "./ledger";
import { isMaintenancePage, maintenancePage } from "./maintenance-page";
import { type Migrator, MigratorError, migrate, type ReleaseArtifact, readHistory } from "./migrator";
import { refuse, refuseBarred, requireWindow } from "./refuse";
import { type SnapshotSource, snapshotName, takeSnapshot } from "./snapshot";
import type { MaintenanceWindows } from "./windows";

/** One release on its way through the gate, with everything that the gate touches. */
export interface GateRun {
  readonly environment: string;
  readonly version: string;
  readonly declared: ChangeClass;
  readonly artifact: ReleaseArtifact;
  readonly migrations: MigrationSet;
  /** Folder of the migrations in the artifact. */
  readonly folder: string;
  readonly windows?: MaintenanceWindows;
  readonly snapshotOf: SnapshotSource;
  readonly ledger: LedgerStore;
  readonly rds: Pick<RDSClient, "send">;
  /** Finds the operations machine; asked only when the database has to be. */
  readonly migrator: () => Promise<Migrator>;
  readonly report: Report;
  readonly clock: Clock;
}

/**
 * Before the first machine of a release is made: what may be migrated beside the running release is, and what may not
 * is refused. Can be run again at any time.
 *
 * @throws GateError `database`
 */
export async function beforeFleet(run: GateRun): Promise<void> {
  const ledger = (await run.ledger.read()) ?? EMPTY_LEDGER;
  if (ledger.artifacts.includes(run.artifact.sha256)) return;
  const migrator = await run.migrator();
  const { history, plan } = await planned(run, migrator, ledger);
  if (plan.pending.length === 0) return finish(run, ledger, history);
  if (run.declared === "breaking" && !history.empty) {
    if (!ledger.maintenance) requireWindow(run.windows, run.version, now(run));
    run.report(`database: ${count(plan)} waiting for the swap, in the maintenance window`);
    return;
  }
  const before = history.empty ? ledger : (await withSnapshot(run, ledger)).ledger;
  try {
    await migrate(migrator, run.artifact, run.folder, plan.pending, run.report);
  } catch (error) {
    await run.ledger.write(withHistory(before, await historyOf(run, migrator)));
    if (!(error instanceof MigratorError)) throw error;
    const done = error.applied.length > 0 ? ` ${error.applied.join(", ")} stay applied.` : "";
    throw new GateError("database", `${error.message}${done} Run the release again when it is put right.`);
  }
  await finish(run, before, await historyOf(run, migrator));
}

/** How the move of the traffic goes on. `formerly`: the target groups that served until the maintenance page came. */
export type Swap<T> = (formerly: readonly string[]) => Promise<T>;

/**
 * Around the move of the traffic: bars releases that cannot work with the database, and runs breaking migrations behind a
 * maintenance page. Where nothing of that is due, it only moves the traffic.
 *
 * @throws GateError `database`
 */
export async function aroundSwap<T>(
  run: GateRun,
  traffic: { readonly clients: Pick<TrafficClients, "elb">; readonly listenerArn: string | undefined },
  swap: Swap<T>,
): Promise<T> {
  const ledger = await letIn(run, (await run.ledger.read()) ?? EMPTY_LEDGER);
  const page = new Page(run, traffic);
  if (ledger.artifacts.includes(run.artifact.sha256)) return afterwards(run, page, ledger, swap);
  if (run.declared !== "breaking") {
    await beforeFleet(run);
    return afterwards(run, page, (await run.ledger.read()) ?? ledger, swap);
  }
  const migrator = await run.migrator();
  const { history, plan } = await planned(run, migrator, ledger);
  if (plan.pending.length === 0 || history.empty) {
    if (plan.pending.length > 0) await migrate(migrator, run.artifact, run.folder, plan.pending, run.report);
    await finish(run, ledger, await historyOf(run, migrator));
    return afterwards(run, page, (await run.ledger.read()) ?? ledger, swap);
  }
  if (!ledger.maintenance) requireWindow(run.windows, run.version, now(run));
  const migrated = await migrateBehindPage(run, page, migrator, ledger, plan);
  return afterwards(run, page, migrated, swap);
}

/** Nothing bars the release; a barrier that a restored snapshot has lifted is taken out of the ledger. */
async function letIn(run: GateRun, ledger: Ledger): Promise<Ledger> {
  const scripts = run.migrations.migrations.map(({ script }) => script);
  const barrier = barring(ledger, { version: run.version, scripts });
  if (!barrier) return ledger;
  const history = await historyOf(run, await run.migrator());
  const applied = new Set(history.applied.filter(({ success }) => success).map(({ script }) => script));
  if (barrier.migrations.some((script) => applied.has(script))) refuseBarred(barrier, run.version);
  const { barrier: _, maintenance: __, ...rest } = ledger;
  const lifted = withHistory({ ...rest, artifacts: [] }, history);
  await run.ledger.write(lifted);
  run.report(
    `database: the change of ${barrier.release} is not in the database any more, its barrier is lifted`,
  );
  return lifted;
}

async function migrateBehindPage(
  run: GateRun,
  page: Page,
  migrator: Migrator,
  ledger: Ledger,
  plan: Plan,
): Promise<Ledger> {
  // Written before each step, so that whoever finds the page after a crash knows what it hides.
  let noted = await page.on(ledger);
  const snapshot = await withSnapshot(run, noted).catch(async (error: Error) => {
    await page.off(noted);
    throw new GateError("database", `no snapshot could be taken: ${error.message}`, PAGE_IS_OFF);
  });
  noted = { ...snapshot.ledger, barrier: barrierOf(run, plan, ledger.barrier, snapshot.name) };
  await run.ledger.write(noted);
  try {
    await migrate(migrator, run.artifact, run.folder, plan.pending, run.report);
  } catch (error) {
    throw await afterFailure(run, page, migrator, { before: ledger, noted, plan }, error as Error);
  }
  await finish(run, noted, await historyOf(run, migrator));
  return (await run.ledger.read()) ?? noted;
}

/** A barrier of an attempt before counts on: some of its migrations may be committed. */
function barrierOf(run: GateRun, plan: Plan, former: Barrier | undefined, snapshot: string): Barrier {
  const versioned = plan.pending.filter(({ file }) => file.version !== undefined);
  const own = (versioned.length > 0 ? versioned : plan.pending).map(({ file }) => file.script);
  const continued = former?.snapshot === snapshot ? former.migrations : [];
  return {
    release: run.version,
    migrations: [...new Set([...continued, ...own])],
    snapshot,
    at: now(run).toISOString(),
  };
}

const PAGE_IS_OFF = "Nothing was committed: the traffic is where it was, and the maintenance page is off.";

async function afterFailure(
  run: GateRun,
  page: Page,
  migrator: Migrator,
  state: { before: Ledger; noted: Ledger; plan: Plan },
  error: Error,
): Promise<Error> {
  const history = await historyOf(run, migrator).catch(() => undefined);
  const pending = new Set(state.plan.pending.map(({ file }) => file.script));
  const committed = history?.applied.filter((row) => pending.has(row.script)).map((row) => row.script);
  const halfway = error instanceof MigratorError && error.halfway;
  // An attempt before this one may have left something, too: then there was a page already.
  if (committed?.length === 0 && !halfway && !state.before.maintenance) {
    const { maintenance: _, barrier: __, ...rest } = state.noted;
    const former = state.before.barrier === undefined ? {} : { barrier: state.before.barrier };
    await page.off(state.noted);
    await run.ledger.write(
      withHistory({ ...rest, ...former }, history ?? { applied: rest.applied, empty: false }),
    );
    return new GateError("database", error.message, PAGE_IS_OFF);
  }
  if (history) await run.ledger.write(withHistory(state.noted, history));
  const what = committed
    ? `${committed.join(", ") || "a part of it"} is committed, and the release before cannot be trusted with it`
    : "how far it came is not known";
  return new GateError("database", `${error.message} ${what}.`, stuck(run, state.noted));
}

/** The page is on and stays on: what to do, to the letter. */
function stuck(run: GateRun, ledger: Ledger): string {
  const snapshot = ledger.maintenance?.snapshot ?? ledger.barrier?.snapshot;
  const restore = snapshot
    ? ` Or go back: restore snapshot ${snapshot} (\`restoreFrom: ${snapshot}\` under retrofit:database, with the former release as live), which loses what was written since it was taken.`
    : "";
  return `The maintenance page STAYS ON. Put it right and go on: run the release of ${run.version} again, or release a corrected version (retrofit release ${run.environment} <version> --database breaking); it needs no window.${restore}`;
}

/** The swap itself, and the end of a maintenance that it brings. */
async function afterwards<T>(run: GateRun, page: Page, ledger: Ledger, swap: Swap<T>): Promise<T> {
  try {
    const result = await swap(await page.formerGroups(ledger));
    if (ledger.maintenance) {
      const { maintenance: _, ...rest } = ledger;
      await run.ledger.write(rest);
      run.report("database: the maintenance page is off");
    }
    return result;
  } catch (error) {
    if (!ledger.maintenance || !(error instanceof GateError)) throw error;
    const seen = `${error.seen} The migrations of ${run.version} are committed.`;
    throw new GateError(error.gate, seen, stuck(run, ledger));
  }
}

/** A release that brings no migrations asks nothing of a database that somebody else keeps. */
function historyOf(run: GateRun, migrator: Migrator): Promise<History> {
  return readHistory(migrator, run.report, { unmanaged: run.migrations.migrations.length === 0 });
}

async function planned(run: GateRun, migrator: Migrator, ledger: Ledger) {
  const history = await historyOf(run, migrator);
  const plan = await decide(run.declared, run.migrations, history);
  if (plan.refusals.length > 0) await run.ledger.write(withHistory(ledger, history));
  refuse(plan, run.version, run.folder);
  return { history, plan };
}

async function finish(run: GateRun, ledger: Ledger, history: History): Promise<void> {
  await run.ledger.write(withHistory(ledger, history, run.artifact.sha256));
}

/** Takes a snapshot, unless one was taken for a maintenance that goes on. */
async function withSnapshot(run: GateRun, ledger: Ledger): Promise<{ ledger: Ledger; name: string }> {
  if (ledger.maintenance?.snapshot) return { ledger, name: ledger.maintenance.snapshot };
  const at = now(run);
  const name = snapshotName(run.environment, run.version, at);
  await takeSnapshot(run.rds, run.snapshotOf, name, run.report, run.clock);
  const taken = { release: run.version, snapshot: name, at: at.toISOString() };
  const noted: Ledger = {
    ...ledger,
    snapshots: [...ledger.snapshots, taken],
    ...(ledger.maintenance ? { maintenance: { ...ledger.maintenance, snapshot: name } } : {}),
  };
  await run.ledger.write(noted);
  return { ledger: noted, name };
}

/** Seconds in which requests that are under way may end before the database changes under them. */
const LAST_REQUESTS_SECONDS = 5;

/** The maintenance page of one listener. */
class Page {
  constructor(
    private readonly run: GateRun,
    private readonly traffic: { clients: Pick<TrafficClients, "elb">; listenerArn: string | undefined },
  ) {}

  async on(ledger: Ledger): Promise<Ledger> {
    const { clients, listenerArn } = this.traffic;
    const actions = listenerArn ? (await readServing(clients, listenerArn)).actions : [];
    const already = isMaintenancePage(actions);
    const formerActions = already ? (ledger.maintenance?.formerActions ?? []) : actions;
    const noted: Ledger = {
      ...ledger,
      maintenance: {
        at: now(this.run).toISOString(),
        ...ledger.maintenance,
        release: this.run.version,
        formerActions,
      },
    };
    await this.run.ledger.write(noted);
    if (listenerArn && !already) {
      await writeActions(clients, listenerArn, maintenancePage);
      this.run.report("database: the maintenance page is on");
      await this.run.clock.sleep(LAST_REQUESTS_SECONDS);
    }
    return noted;
  }

  async off({ maintenance }: Ledger): Promise<void> {
    const { clients, listenerArn } = this.traffic;
    const actions = (maintenance?.formerActions ?? []) as Action[];
    if (!listenerArn || actions.length === 0) return;
    await writeActions(clients, listenerArn, actions);
    this.run.report("database: the maintenance page is off, the former release serves");
  }

  /** Who served until the page came: the new fleet has to be as large. */
  async formerGroups({ maintenance }: Ledger): Promise<string[]> {
    const weights: Record<string, number> = {};
    for (const action of (maintenance?.formerActions ?? []) as Action[]) {
      for (const { TargetGroupArn, Weight } of action.ForwardConfig?.TargetGroups ?? []) {
        if (TargetGroupArn) weights[TargetGroupArn] = Weight ?? 1;
      }
    }
    return servingGroups(weights);
  }
}

function now(run: GateRun): Date {
  return new Date(run.clock.now() * 1000);
}

function count({ pending }: Plan): string {
  return pending.length === 1 ? "1 migration is" : `${pending.length} migrations are`;
}
