/** The whole story under load, as `npm start` tells it: release, refused release, rollback. Not one request may fail. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parentOf } from "../../release/interrupt";
import { type Finished, retrofit, shell, start } from "../support/command-line";

jest.setTimeout(15 * 60_000);

const folder = mkdtempSync(join(tmpdir(), "retrofit-release-test-"));
const page = join(folder, "demo.html");
const checkout = join(__dirname, "..", "..");
let before: string;
let demo: Finished;

beforeAll(async () => {
  before = await changes();
  demo = await retrofit(["demo", "--json", "--rate", "220", "--report", page]).finished;
  if (demo.exitCode !== 0) console.error(demo.stderr.slice(-6000));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function changes(): Promise<string> {
  return (
    await shell(`git -C ${JSON.stringify(checkout)} status --porcelain -- 'Pulumi*.yaml' sample`).finished
  ).stdout;
}

test("not one request fails across release, refused release and rollback at 200 requests per second and more", () => {
  expect(demo.exitCode).toBe(0);
  expect(demo.json.failed).toBe(0);
  const phases: { name: string; seconds: number }[] = demo.json.phases;
  const loaded = phases
    .filter(({ name }) => /release|rollback/.test(name))
    .reduce((sum, { seconds }) => sum + seconds, 0);
  expect(demo.json.requests / loaded).toBeGreaterThanOrEqual(200);
});

test("both good releases serve, and the broken one answers nobody", () => {
  expect(Object.keys(demo.json.versions)).toEqual(["1.0.0", "1.1.0"]);
  const answered = Object.values<number>(demo.json.versions).reduce((sum, n) => sum + n, 0);
  expect(answered).toBe(demo.json.requests);
  expect(demo.stderr).toContain("Turned away:");
  expect(demo.stderr).toContain("The traffic is where it was");
});

test("the traffic moves and moves back within seconds", () => {
  expect(demo.json.switchSeconds).toBeGreaterThanOrEqual(0);
  expect(demo.json.switchSeconds).toBeLessThan(10);
  expect(demo.json.rollbackSeconds).toBeGreaterThan(0);
  expect(demo.json.rollbackSeconds).toBeLessThan(15);
});

test("scripts can rely on the names of the report and of its phases", () => {
  expect(Object.keys(demo.json).sort()).toEqual(
    ["failed", "phases", "requests", "rollbackSeconds", "switchSeconds", "versions"].sort(),
  );
  expect(demo.json.phases.map(({ name }: { name: string }) => name)).toEqual([
    "tools",
    "sandbox",
    "environment up",
    "release 1.1.0",
    "refused release 1.2.0",
    "rollback",
    "destroy",
  ]);
});

test("a page with the charts is written, and the checkout and the machine are left clean", async () => {
  expect(readFileSync(page, "utf8")).toContain("<svg");
  expect(await changes()).toBe(before);
  const leftovers = readdirSync(tmpdir()).filter((name) => name.startsWith(`retrofit-demo-${demo.pid}-`));
  expect(leftovers).toEqual([]);
  expect(processesOf(demo.pid)).toEqual([]);
});

test.each([
  ["npm", (npm: number) => npm],
  ["the demo itself", (npm: number) => demoBelow(npm)],
])("nothing goes on running when %s is killed in the middle", async (_who, victim) => {
  const started = start("npm", ["start", "--silent"], {}, checkout);
  await until(() => started.output().includes("Bringing dev up"));
  const pid = demoBelow(started.child.pid!);
  await until(() => processesOf(pid).some((command) => /pulumi (up|.*terraform-provider-aws)/.test(command)));
  process.kill(victim(started.child.pid!), "SIGKILL");
  await until(() => processesOf(pid).length === 0 && !isRunning(pid));
});

/** Commands of the processes that work for a demo: its sandbox, its commands and their engines carry its folder. */
function processesOf(pid: number): string[] {
  return processes().flatMap(({ environment, command }) =>
    environment.includes(`/retrofit-demo-${pid}-`) ? [command] : [],
  );
}

/** npm runs a shell, and that the demo. */
function demoBelow(npm: number): number {
  const below = (pid: number): number[] =>
    processes().flatMap((one) => (parentOf(one.pid) === pid ? [one.pid] : []));
  return below(npm).flatMap(below)[0]!;
}

function processes(): { pid: number; command: string; environment: string }[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      const read = (what: string) => readFileSync(`/proc/${name}/${what}`, "utf8").replaceAll("\0", " ");
      return /^\d+$/.test(name)
        ? [{ pid: Number(name), command: read("cmdline"), environment: read("environ") }]
        : [];
    } catch {
      return [];
    }
  });
}

function isRunning(pid: number): boolean {
  return processes().some((one) => one.pid === pid && one.command !== "");
}

async function until(condition: () => boolean, seconds = 60): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
