import { gunzipSync, gzipSync } from "node:zlib";
import type { Action } from "@aws-sdk/client-elastic-load-balancing-v2";
import { GateError } from "../../web-tier/traffic/gate-error";
import { flywayChecksum, readMigrations } from "../migrations";
import { aroundSwap, beforeFleet, type GateRun } from "./gate";
import type { Ledger } from "./ledger";
import { isMaintenancePage } from "./maintenance-page";

const OLD = "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/old/1";
const FORWARD: Action[] = [
  { Type: "forward", ForwardConfig: { TargetGroups: [{ TargetGroupArn: OLD, Weight: 100 }] } },
];
const SUNDAY = Date.parse("2026-11-29T02:30:00Z") / 1000;
const MONDAY = Date.parse("2026-11-30T12:00:00Z") / 1000;

const FIRST = { "V1__a.sql": "CREATE TABLE orders (id int, note text);" };
const ADDED = { ...FIRST, "V2__b.sql": "ALTER TABLE orders ADD COLUMN x int;" };
const BROKEN = { ...ADDED, "V3__c.sql": "ALTER TABLE orders DROP COLUMN note;" };

/**
 * An environment whose database, machine and load balancer are kept in variables. What is faked are the services; the
 * migrator's own work is tested against a real PostgreSQL in tests/e2e/migrator.test.ts.
 */
function environment(applied: Record<string, string> | "new", at = SUNDAY) {
  const log: string[] = [];
  const rows = applied === "new" ? [] : Object.entries(applied).map(row);
  const world = {
    log,
    rows,
    ledger: undefined as Ledger | undefined,
    actions: FORWARD,
    /** Script at which the migrator fails, and whether it leaves something. */
    failsAt: undefined as string | undefined,
    lost: false,
    snapshotFails: false,
    now: at,
  };
  const ssm = {
    commands: new Map<string, string>(),
    send: async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
      if (command.constructor.name === "SendCommandCommand") {
        const [line] = (command.input.Parameters as { commands: string[] }).commands;
        const request = JSON.parse(gunzipSync(Buffer.from(line!.split(" ").pop()!, "base64")).toString());
        ssm.commands.set("c", migratorAnswer(world, request, applied === "new"));
        return { Command: { CommandId: "c" } };
      }
      const out = ssm.commands.get("c") ?? "";
      const ok = !out.includes('"failed"');
      return { Status: ok ? "Success" : "Failed", StandardOutputContent: out, ResponseCode: ok ? 0 : 1 };
    },
  };
  const rds = {
    send: async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
      if (command.constructor.name.startsWith("Create")) {
        if (world.snapshotFails) throw new Error("quota of snapshots exceeded");
        log.push(`snapshot ${isMaintenancePage(world.actions) ? "behind the page" : "in service"}`);
      }
      return { DBSnapshots: [{ Status: "available" }] };
    },
  };
  const elb = {
    send: async (command: { constructor: { name: string }; input: { DefaultActions?: Action[] } }) => {
      if (command.constructor.name === "ModifyListenerCommand") {
        world.actions = command.input.DefaultActions!;
        log.push(isMaintenancePage(world.actions) ? "page on" : "page off");
      }
      return { Listeners: [{ DefaultActions: world.actions }] };
    },
  };
  const clock = {
    now: () => world.now,
    sleep: async (seconds: number) => {
      world.now += seconds;
    },
  };
  const release = (
    version: string,
    declared: GateRun["declared"],
    files: Record<string, string>,
    sha256 = version,
  ): GateRun => ({
    environment: "dev",
    version,
    declared,
    artifact: { bucket: "b", key: "k", sha256 },
    migrations: readMigrations(
      Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) })),
    ),
    folder: "migrations",
    windows: { weekly: [{ days: ["sun"], from: "02:00", to: "04:00" }] },
    snapshotOf: { instance: "db" },
    ledger: {
      read: async () => world.ledger,
      write: async (ledger) => {
        world.ledger = JSON.parse(JSON.stringify(ledger));
      },
    },
    rds: rds as never,
    migrator: async () => ({
      clients: { ssm: ssm as never },
      instanceId: "i-1",
      region: "eu-central-1",
      database: { host: "h", port: 5432, name: "n", secretArn: "s" },
      settings: {},
    }),
    report: () => {},
    clock,
  });
  const traffic = { clients: { elb: elb as never }, listenerArn: "arn:listener" };
  const swap = async (formerly: readonly string[]) => {
    log.push(`swap, formerly ${formerly.map((arn) => arn.split("/")[1]).join() || "as read"}`);
    world.actions = [
      { Type: "forward", ForwardConfig: { TargetGroups: [{ TargetGroupArn: "new", Weight: 100 }] } },
    ];
    return "moved";
  };
  return { world, log, release, traffic, swap };
}

function row([script, text]: [string, string]): [string, string, number, number] {
  return [script, /^V([\d.]+)/.exec(script)![1]!, flywayChecksum(text), 1];
}

function migratorAnswer(
  world: ReturnType<typeof environment>["world"],
  request: { mode: string; files: { script: string; version: string; checksum: number }[] },
  fresh: boolean,
): string {
  const say = (event: Record<string, unknown>) => JSON.stringify(event);
  if (request.mode === "history") {
    if (world.lost) return "";
    const rows = gzipSync(JSON.stringify(world.rows)).toString("base64");
    return say({ event: "history", rows, baseline: null, empty: fresh && world.rows.length === 0 });
  }
  const lines: string[] = [];
  for (const file of request.files) {
    if (file.script === world.failsAt) {
      return [...lines, say({ event: "failed", script: file.script, line: 1, message: "it broke" })].join(
        "\n",
      );
    }
    world.log.push(`migrate ${file.script}`);
    world.rows.push([file.script, file.version, file.checksum, 1]);
    lines.push(say({ event: "applied", script: file.script, seconds: 0 }));
  }
  return [...lines, say({ event: "done", applied: request.files.map(({ script }) => script) })].join("\n");
}

const refused = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(error).toBeInstanceOf(GateError);
  return error!.message;
};

describe("before the fleet", () => {
  test("an additive change is made after a snapshot, while the former release serves", async () => {
    const { world, log, release } = environment(FIRST);
    await beforeFleet(release("1.1.0", "additive", ADDED));
    expect(log).toEqual(["snapshot in service", "migrate V2__b.sql"]);
    expect(world.ledger).toMatchObject({ artifacts: ["1.1.0"], snapshots: [{ release: "1.1.0" }] });
    expect(world.ledger?.barrier).toBeUndefined();
    await beforeFleet(release("1.1.0", "additive", ADDED));
    expect(log).toHaveLength(2);
  });

  test("a new database takes everything at once, and there is nothing to copy", async () => {
    const { log, release } = environment("new");
    await beforeFleet(release("2.0.0", "none", BROKEN));
    expect(log).toEqual(["migrate V1__a.sql", "migrate V2__b.sql", "migrate V3__c.sql"]);
  });

  test("a wrong word is refused with the place in the file, and nothing is touched", async () => {
    const { log, release } = environment(ADDED);
    const message = await refused(beforeFleet(release("2.0.0", "additive", BROKEN)));
    expect(message).toContain("migrations/V3__c.sql:1: column-drop");
    expect(log).toEqual([]);
  });

  test("a breaking change is refused outside the window, with the next one named", async () => {
    const { log, release } = environment(ADDED, MONDAY);
    const message = await refused(beforeFleet(release("2.0.0", "breaking", BROKEN)));
    expect(message).toContain("The next maintenance window begins Sun 2026-12-06 02:00 (Etc/UTC)");
    expect(log).toEqual([]);
  });

  test("a failure in the middle says what stays, and the next run goes on", async () => {
    const { world, log, release } = environment(FIRST);
    const files = { ...ADDED, "V3__more.sql": "CREATE TABLE more (id int);" };
    world.failsAt = "V3__more.sql";
    expect(await refused(beforeFleet(release("1.1.0", "additive", files)))).toContain(
      "V2__b.sql stay applied",
    );
    world.failsAt = undefined;
    await beforeFleet(release("1.1.0", "additive", files));
    expect(log.filter((line) => line.startsWith("migrate"))).toEqual([
      "migrate V2__b.sql",
      "migrate V3__more.sql",
    ]);
  });
});

describe("around the swap", () => {
  test("a breaking change: page, snapshot, migration, swap, page off; rollback is barred after it", async () => {
    const { world, log, release, traffic, swap } = environment(ADDED);
    await beforeFleet(release("2.0.0", "breaking", BROKEN));
    await aroundSwap(release("2.0.0", "breaking", BROKEN), traffic, swap);
    expect(log).toEqual(["page on", "snapshot behind the page", "migrate V3__c.sql", "swap, formerly old"]);
    expect(world.ledger?.maintenance).toBeUndefined();
    expect(world.ledger?.barrier).toMatchObject({ release: "2.0.0", migrations: ["V3__c.sql"] });
    const message = await refused(aroundSwap(release("1.1.0", "additive", ADDED), traffic, swap));
    expect(message).toContain("1.1.0 is barred");
    expect(message).toContain(world.ledger!.snapshots[0]!.snapshot);
    expect(log).toHaveLength(4);
  });

  test("words that were given let the former release back", async () => {
    const { world, log, release, traffic, swap } = environment(ADDED);
    await aroundSwap(release("2.0.0", "breaking", BROKEN), traffic, swap);
    world.ledger = {
      ...world.ledger!,
      barrier: { ...world.ledger!.barrier!, accepted: { "1.1.0": "may fail" } },
    };
    await aroundSwap(release("1.1.0", "additive", ADDED), traffic, swap);
    expect(log.at(-1)).toBe("swap, formerly as read");
  });

  test("a restored snapshot lifts the barrier by itself", async () => {
    const { world, release, traffic, swap } = environment(ADDED);
    await aroundSwap(release("2.0.0", "breaking", BROKEN), traffic, swap);
    world.rows.pop();
    await aroundSwap(release("1.1.0", "additive", ADDED), traffic, swap);
    expect(world.ledger?.barrier).toBeUndefined();
  });

  test("when nothing was committed the former release serves again, and nothing is barred", async () => {
    const { world, log, release, traffic, swap } = environment(ADDED);
    world.failsAt = "V3__c.sql";
    const message = await refused(aroundSwap(release("2.0.0", "breaking", BROKEN), traffic, swap));
    expect(message).toContain("the traffic is where it was, and the maintenance page is off");
    expect(log).toEqual(["page on", "snapshot behind the page", "page off"]);
    expect(world.actions).toEqual(FORWARD);
    expect(world.ledger?.barrier).toBeUndefined();
    expect(world.ledger?.maintenance).toBeUndefined();
  });

  test("when something was committed the page stays, the message says what to do, and the next run needs no window", async () => {
    const { world, log, release, traffic, swap } = environment(ADDED);
    const files = { ...BROKEN, "V4__d.sql": "DROP TABLE orders;" };
    world.failsAt = "V4__d.sql";
    const message = await refused(aroundSwap(release("2.0.0", "breaking", files), traffic, swap));
    expect(message).toContain("V3__c.sql is committed");
    expect(message).toContain("STAYS ON");
    expect(message).toContain(`restore snapshot ${world.ledger!.maintenance!.snapshot}`);
    expect(isMaintenancePage(world.actions)).toBe(true);
    // The former release does not get back behind the page's back.
    await refused(aroundSwap(release("1.1.0", "additive", ADDED), traffic, swap));
    world.failsAt = undefined;
    world.now = MONDAY;
    const fixed = { ...BROKEN, "V4__d.sql": "CREATE TABLE d (id int);" };
    await beforeFleet(release("2.0.1", "breaking", fixed));
    await aroundSwap(release("2.0.1", "breaking", fixed), traffic, swap);
    expect(log.filter((line) => line.startsWith("snapshot"))).toHaveLength(1);
    expect(log.at(-1)).toBe("swap, formerly old");
    expect(world.ledger?.barrier?.migrations).toEqual(["V3__c.sql", "V4__d.sql"]);
    expect(world.ledger?.maintenance).toBeUndefined();
  });

  test("when it is not known how far the migrator came, the page stays", async () => {
    const { world, release, traffic, swap } = environment(ADDED);
    const run = release("2.0.0", "breaking", BROKEN);
    world.failsAt = "V3__c.sql";
    const migrator = await run.migrator();
    let asked = 0;
    const losing: GateRun = {
      ...run,
      migrator: async () => migrator,
      report: () => {},
      rds: {
        send: async (command: never) => {
          // From the snapshot on nobody answers for the database.
          asked += 1;
          if (asked > 1) world.lost = true;
          return run.rds.send(command);
        },
      } as never,
    };
    expect(await refused(aroundSwap(losing, traffic, swap))).toContain("how far it came is not known");
    expect(isMaintenancePage(world.actions)).toBe(true);
  });

  test("a snapshot that cannot be taken ends it before anything is changed", async () => {
    const { world, log, release, traffic, swap } = environment(ADDED);
    world.snapshotFails = true;
    const message = await refused(aroundSwap(release("2.0.0", "breaking", BROKEN), traffic, swap));
    expect(message).toContain("quota of snapshots exceeded");
    expect(log).toEqual(["page on", "page off"]);
  });

  test("a new fleet that does not get healthy behind the page leaves it on, with what to do", async () => {
    const { world, release, traffic } = environment(ADDED);
    const failing = () => Promise.reject(new GateError("health", "no machine is healthy."));
    const message = await refused(aroundSwap(release("2.0.0", "breaking", BROKEN), traffic, failing));
    expect(message).toMatch(/^\[gate:health\]/);
    expect(message).toContain("STAYS ON");
    expect(isMaintenancePage(world.actions)).toBe(true);
  });

  test("a release without pending migrations only moves the traffic", async () => {
    const { log, release, traffic, swap } = environment(ADDED);
    await beforeFleet(release("1.2.0", "none", ADDED));
    await aroundSwap(release("1.2.0", "none", ADDED), traffic, swap);
    expect(log).toEqual(["swap, formerly as read"]);
  });
});
