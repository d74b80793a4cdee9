/** The whole story under load, as `npm start` tells it: release, refused release, rollback. Not one request may fail. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Finished, retrofit, shell } from "../support/command-line";

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
  const leftovers = readdirSync(tmpdir()).filter((name) => name.startsWith("retrofit-demo-"));
  expect(leftovers).toEqual([]);
  const { stdout } = await shell(
    "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep '^RETROFIT_SANDBOX=.*retrofit-demo-' || true",
  ).finished;
  expect(stdout).toBe("");
});
