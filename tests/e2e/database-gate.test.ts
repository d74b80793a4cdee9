/** Database changes through the gate, on a real PostgreSQL behind the emulated one, while visitors keep coming. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { createWorkspace, type DemoWorkspace } from "../../release/demo/workspace";
import { retrofit } from "../support/command-line";
import { tally, visit } from "../support/visitors";

jest.setTimeout(10 * 60_000);

const samples = join(__dirname, "../../sample/database");
let workspace: DemoWorkspace;
let file: string;
let environment: Record<string, string>;

const run = (...args: string[]) =>
  retrofit([...args, "--sandbox", "--cwd", workspace.project, "--json"], environment).finished;

function setWindow(open: boolean): void {
  const document = parseDocument(readFileSync(file, "utf8"));
  const from = Date.now() + (open ? -1 : 24) * 3600_000;
  const iso = (at: number) => new Date(at).toISOString().slice(0, 16).concat("Z");
  const once = [{ from: iso(from), to: iso(from + 4 * 3600_000) }];
  document.setIn(["config", "retrofit:maintenance"], { once });
  writeFileSync(file, document.toString());
}

const release = (version: string, database: string) =>
  run("release", "dev", version, "--artifact", join(samples, version), "--database", database);

beforeAll(async () => {
  workspace = createWorkspace("1.0.0");
  workspace.keep();
  file = join(workspace.project, "Pulumi.dev.yaml");
  environment = { RETROFIT_SANDBOX: workspace.sandbox };
  const document = parseDocument(readFileSync(file, "utf8"));
  document.setIn(["config", "retrofit:database"], {});
  document.setIn(["config", "retrofit:shift"], { steps: [50, 100], waitSeconds: 2 });
  document.setIn(["config", "retrofit:live", "artifact"], "sample/database/1.0.0");
  writeFileSync(file, document.toString());
  setWindow(false);
  const up = await run("up", "dev");
  if (up.exitCode !== 0) throw new Error(`${up.stdout}\n${up.stderr.slice(-6000)}`);
});

afterAll(async () => {
  await retrofit(["sandbox", "stop"], environment).finished;
  workspace.remove();
});

test("a new environment has its schema before its first machine, whatever the release says of it", async () => {
  const { json, exitCode } = await run("migrations", "dev");
  expect(exitCode).toBe(0);
  expect(json).toMatchObject({ applied: 1, pending: [], barrier: null, snapshots: [] });
});

test("a wrong word is refused with the place in the file, before anything of the release is made", async () => {
  const before = await run("status", "dev");
  const { json, exitCode } = await release("2.0.0", "additive");
  expect({ exitCode, gate: json.gate }).toEqual({ exitCode: 3, gate: "database" });
  expect(json.error).toContain("migrations/V3__contract.sql:1: column-drop (public.orders.note)");
  expect((await run("status", "dev")).json).toEqual(before.json);
});

test("an additive release changes the schema while visitors are served, and none of them sees it", async () => {
  const { url } = (await run("status", "dev")).json;
  const visitors = visit(url, 40);
  const { exitCode, stderr, json } = await release("1.1.0", "additive");
  const visits = await visitors.stop();
  if (exitCode !== 0) throw new Error(`${JSON.stringify(json)}\n${stderr.slice(-4000)}`);
  expect(visits.filter(({ status }) => status !== 200)).toEqual([]);
  expect(Object.keys(tally(visits)).sort()).toEqual(["1.0.0 200", "1.1.0 200"]);
  const after = (await run("migrations", "dev")).json;
  expect(after).toMatchObject({ applied: 2, pending: [], barrier: null });
  expect(after.snapshots).toHaveLength(1);
});

test("a breaking release waits for its window, which is named", async () => {
  const { json, exitCode } = await release("2.0.0", "breaking");
  expect({ exitCode, gate: json.gate }).toEqual({ exitCode: 3, gate: "database" });
  expect(json.error).toContain("The next maintenance window begins");
  expect((await run("status", "dev")).json.weights).toEqual({ "1.1.0": 100, "1.0.0": 0 });
});

test("inside it visitors see the maintenance page, then the new release; rollback is barred by words", async () => {
  setWindow(true);
  const { url } = (await run("status", "dev")).json;
  const visitors = visit(url, 40);
  const { exitCode, stderr, json } = await release("2.0.0", "breaking");
  const visits = await visitors.stop();
  if (exitCode !== 0) throw new Error(`${JSON.stringify(json)}\n${stderr.slice(-4000)}`);
  const order = visits.map(({ release, status }) => `${release} ${status}`);
  expect([...new Set(order)].sort()).toEqual(["1.1.0 200", "2.0.0 200", "none 503"]);
  // The page came after the former release and went before the new one.
  expect(order.lastIndexOf("1.1.0 200")).toBeLessThan(order.indexOf("2.0.0 200"));
  expect(order.indexOf("none 503")).toBeGreaterThan(0);

  const rollback = await run("rollback", "dev");
  expect({ exitCode: rollback.exitCode, gate: rollback.json.gate }).toEqual({
    exitCode: 3,
    gate: "database",
  });
  expect(rollback.json.error).toContain("restore snapshot retrofit-dev-2-0-0-");
  expect((await run("status", "dev")).json.weights).toMatchObject({ "2.0.0": 100 });
});
