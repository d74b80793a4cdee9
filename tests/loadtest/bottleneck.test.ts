/** Load tests of one environment on the sandbox, in which one layer after another is made the slow one. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DemoWorkspace } from "../../release/demo/workspace";
import type { LoadRequest, Stage } from "../../release/loadtest/profile";
import { type Fault, injectFault, sandboxStatus } from "../../sandbox";
import { type Finished, retrofit } from "../support/command-line";
import { createWorld } from "./world";

jest.setTimeout(10 * 60_000);

let world: DemoWorkspace;
let environment: Record<string, string>;

const run = (...args: string[]) =>
  retrofit([...args, "--sandbox", "--cwd", world.project, "--json"], environment).finished;

beforeAll(async () => {
  world = createWorld();
  environment = { RETROFIT_SANDBOX: world.sandbox };
  process.env.RETROFIT_SANDBOX = world.sandbox;
  for (const args of [
    ["sandbox", "start"],
    ["up", "dev"],
  ]) {
    const { exitCode, stderr } = await run(...args);
    if (exitCode !== 0) throw new Error(stderr.slice(-4000));
  }
});

afterAll(async () => {
  await retrofit(["sandbox", "stop"], environment).finished;
  world.remove();
});

/** A load test by a profile of its own. */
async function load(
  name: string,
  stage: Stage,
  requests: Partial<LoadRequest>[],
  p95 = 5000,
): Promise<Finished> {
  const file = join(world.project, `${name}.json`);
  writeFileSync(file, JSON.stringify({ stages: [stage], requests, limits: { errorPercent: 1, p95 } }));
  const finished = await run("loadtest", "dev", "--profile", file);
  if (finished.json.verdict === undefined) throw new Error(finished.stderr.slice(-4000));
  return finished;
}

async function whileSlow<T>(faults: Fault[], body: () => Promise<T>): Promise<T> {
  for (const fault of faults) await injectFault(fault);
  try {
    return await body();
  } finally {
    for (const fault of faults) await injectFault({ ...fault, cpuPercent: 100 } as Fault);
  }
}

async function slowServer(kind: "database" | "sessionStore", cpuPercent: number): Promise<Fault> {
  const { identifier } = (await sandboxStatus()).servers.find((server) => server.kind === kind)!;
  return { kind: "slowServer", identifier, cpuPercent };
}

/** The same before and after the database is made slow. */
const orders = () =>
  load("orders", { seconds: 15, rate: 20 }, [{ path: "/orders", weight: 3 }, { path: "/session" }], 1000);
const users = { seconds: 15, connections: 10 };

test("a load that every layer can take finds no bottleneck, and no figure is missing", async () => {
  const { exitCode, json } = await orders();
  expect(json.verdict).toEqual({ bottleneck: null, also: [], missing: [] });
  expect(exitCode).toBe(0);
  expect(json.answers).toMatchObject({ failed: 0, failures: {} });
  expect(json.answers.requests).toBeGreaterThan(200);
  for (const layer of ["machines", "database", "sessions"]) {
    expect(json.figures[layer].cpu).toBeGreaterThanOrEqual(0);
  }
  expect(json.figures.loadBalancer.requests).toBeGreaterThan(0);
  expect(json.figures.fleet).toEqual({ count: 2, limit: 2, targetCpu: 60 });
  expect(json.compared).toEqual([]);
});

test("a slow database is named, the limits are missed, and it is told how much worse than the last time that is", async () => {
  const { exitCode, json, stderr } = await whileSlow([await slowServer("database", 3)], orders);
  expect(exitCode).toBe(3);
  expect(json.gate).toBe("loadtest");
  expect(json.verdict.bottleneck).toMatchObject({ layer: "database", change: "larger database" });
  expect(json.missed).toContainEqual(expect.stringMatching(/^p95 \d+ ms, allowed 1000 ms$/));
  expect(json.evidence).toBe(true);
  const shown = await run("evidence", "dev");
  expect(shown.stdout).toMatch(/performance.*orders: .*The bottleneck is the database/);
  const p95 = json.compared.find(({ figure }: { figure: string }) => figure === "p95");
  expect(p95.ratio).toBeGreaterThan(2);
  expect(stderr).toMatch(/The bottleneck is the database: CPU \d+ %/);
  const page = readFileSync(json.report, "utf8");
  expect(page).toContain("The bottleneck is the database");
  expect(page).not.toMatch(/<script|https?:\/\/(?!127\.)/);
});

test("machines that are at their limit are named, with how many there may be", async () => {
  const { machines } = await sandboxStatus();
  const web = machines.filter(({ release }) => release === "1.0.0");
  const faults = web.map(({ id }): Fault => ({ kind: "slowMachine", instanceId: id, cpuPercent: 15 }));
  const { json } = await whileSlow(faults, () => load("report", users, [{ path: "/report" }]));
  expect(json.verdict.bottleneck).toMatchObject({ layer: "machines", change: "more machines" });
  expect(json.verdict.bottleneck.figures).toContain("2 machines of at most 2");
});

test("a slow session store is named, by its engine's processor", async () => {
  const store = await slowServer("sessionStore", 0.3);
  const { json } = await whileSlow([store], () => load("session", users, [{ path: "/session" }]));
  expect(json.verdict.bottleneck).toMatchObject({ layer: "sessions", change: "larger session store" });
  expect(json.verdict.bottleneck.figures[0]).toMatch(/^engine CPU \d+ %$/);
});
