/** The command line and plain Pulumi on one sandbox, in the order in which somebody would try them. */
import { appendFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createWorkspace, type DemoWorkspace } from "../../../release/demo/workspace";
import { setReleases } from "../../../release/environment-file";
import { type Answer, pulumi as plainPulumi, retrofit } from "../../support/command-line";
import { tally, visit } from "../../support/visitors";

jest.setTimeout(6 * 60_000);

const comment = "# kept by hand: do not lose this line\n";
let workspace: DemoWorkspace;
let file: string;
let environment: Record<string, string>;
/** OpenSearch takes its time to start, so that it does beside the first tests. */
let logStore: ReturnType<typeof run>;

/** A command in the sandbox, as its users give it. */
const run = (...args: string[]) =>
  retrofit([...args, "--sandbox", "--cwd", workspace.project, "--json"], environment).finished;
const pulumi = (args: string) => plainPulumi(workspace.project, args, environment).finished;

beforeAll(async () => {
  workspace = createWorkspace("1.0.0");
  // A sandbox that was started to stay must not lose its folder to the next demo's tidying up.
  workspace.keep();
  file = join(workspace.project, "Pulumi.dev.yaml");
  appendFileSync(file, comment);
  environment = { RETROFIT_SANDBOX: workspace.sandbox };
  const { exitCode, stderr } = await retrofit(["sandbox", "start", "--cwd", workspace.project], environment)
    .finished;
  if (exitCode !== 0) throw new Error(stderr);
  logStore = run("sandbox", "logs");
});

afterAll(async () => {
  await retrofit(["sandbox", "stop"], environment).finished;
  workspace.remove();
});

test("an environment that is not up is told as such, and there is nothing to roll back, retire or take down", async () => {
  expect(await run("status", "dev")).toMatchObject({
    exitCode: 1,
    json: { error: "The environment dev is not up." },
  });
  expect(await run("rollback", "dev")).toMatchObject({ exitCode: 3, json: { gate: "standby" } });
  expect(await run("retire", "dev")).toMatchObject({ exitCode: 0, json: { retired: null } });
  expect((await run("release", "dev", "1.1.0")).exitCode).toBe(1);
});

test("the sandbox has a log store for its environments, a real one", async () => {
  const { json, exitCode } = await logStore;
  expect(json.endpoint).toMatch(/^https:\/\/127\./);
  expect(exitCode).toBe(0);
  const { endpoint, secretArn, writerSecretArn } = json;
  expect(writerSecretArn).not.toBe(secretArn);
  workspace.useLogStore({ endpoint, secretArn, writerSecretArn });
});

test("plain pulumi works with what `sandbox env` prints: preview, up, and no changes after it", async () => {
  const preview = await pulumi("preview --stack dev");
  expect(preview.stdout).toContain("to create");
  expect(preview.exitCode).toBe(0);
  const up = await pulumi("up --stack dev --yes --skip-preview");
  if (up.exitCode !== 0) console.error(up.stdout.slice(-4000));
  expect(up.exitCode).toBe(0);
  expect((await pulumi("preview --stack dev --expect-no-changes")).exitCode).toBe(0);
});

test("status tells who serves from AWS itself, in the form that scripts rely on", async () => {
  const { json, exitCode } = await run("status", "dev");
  expect(json).toEqual({
    environment: "dev",
    url: expect.stringMatching(/^http:\/\/127\./),
    live: { version: "1.0.0" },
    standby: null,
    weights: { "1.0.0": 100 },
    healthy: { "1.0.0": 2 },
  });
  expect(exitCode).toBe(0);
});

test("releasing what is live already changes nothing", async () => {
  const before = readFileSync(file);
  expect(await run("release", "dev", "1.0.0")).toMatchObject({ exitCode: 0, json: { alreadyLive: true } });
  expect(readFileSync(file)).toEqual(before);
});

test("a version that was published with other content is refused before anything is touched", async () => {
  const { stdout } = await pulumi("stack output --stack dev --json");
  const { stdout: variables } = await retrofit(["sandbox", "env", "--json"], environment).finished;
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = JSON.parse(variables);
  const s3 = new S3Client({
    endpoint: AWS_ENDPOINT_URL,
    region: "eu-central-1",
    forcePathStyle: true,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  });
  const Bucket = JSON.parse(stdout).artifactBucket;
  await s3.send(
    new PutObjectCommand({ Bucket, Key: `releases/shop/1.2.0/${"0".repeat(64)}.tar.gz`, Body: "other" }),
  );
  const before = readFileSync(file);
  const refused = await run("release", "dev", "1.2.0");
  expect(refused.json.error).toContain("shop 1.2.0 was published before with other content");
  expect(refused.exitCode).toBe(1);
  expect(readFileSync(file)).toEqual(before);
});

test("a new live release written by hand is swapped in by plain pulumi up", async () => {
  const { json } = await run("status", "dev");
  for (let request = 0; request < 20; request++) await fetch(json.url);
  const [live, standby] = ["1.1.0", "1.0.0"].map((version) => ({
    version,
    artifact: `sample/releases/${version}`,
    database: "none" as const,
  }));
  writeFileSync(file, setReleases(readFileSync(file, "utf8"), { live, standby }));
  const up = await pulumi("up --stack dev --yes --skip-preview");
  expect(up.stdout).toContain("shift: 10 % of the traffic");
  expect(up.exitCode).toBe(0);
  expect((await run("status", "dev")).json).toMatchObject({
    live: { version: "1.1.0" },
    standby: { version: "1.0.0" },
    weights: { "1.0.0": 0, "1.1.0": 100 },
    healthy: { "1.0.0": 2, "1.1.0": 2 },
  });
  expect((await fetch(json.url)).headers.get("x-release")).toBe("1.1.0");
});

test("a standby that answered requests a moment ago is not retired", async () => {
  const { exitCode, json } = await run("retire", "dev");
  expect(json).toMatchObject({ gate: "traffic" });
  expect(exitCode).toBe(3);
});

test("rollback gives the traffic to the standby, exchanges the two in the file, and keeps its comments", async () => {
  const { exitCode, json } = await run("rollback", "dev");
  expect(json).toMatchObject({ version: "1.0.0", former: "1.1.0" });
  expect(json.trafficSeconds).toBeLessThan(15);
  expect(exitCode).toBe(0);
  expect((await run("status", "dev")).json).toMatchObject({
    live: { version: "1.0.0" },
    standby: { version: "1.1.0" },
    weights: { "1.0.0": 100, "1.1.0": 0 },
  });
  expect(readFileSync(file, "utf8")).toContain(comment);
});

test("log lines of both fleets are in the store, and are asked for by release", async () => {
  const listens = await run("logs", "dev", "listens", "--since", "1h");
  const of = (name: string): unknown[] => [
    ...new Set(listens.json.lines.map((line: Answer) => line[name]).sort()),
  ];
  expect(of("release")).toEqual(["1.0.0", "1.1.0"]);
  expect(of("fleet")).toEqual(["blue", "green"]);
  const { json } = await run("logs", "dev", "--release", "1.1.0", "--since", "1h");
  expect(json.lines.length).toBeGreaterThan(0);
  expect(json.lines.filter(({ release }: Answer) => release !== "1.1.0")).toEqual([]);
});

test("the update has set the store up, so that a setup by hand changes nothing and names what the store cannot do", async () => {
  const { json, exitCode } = await run("logs", "setup", "dev");
  expect(exitCode).toBe(0);
  expect(new Set(json.steps.map(({ done }: Answer) => done))).toEqual(new Set(["unchanged", "skipped"]));
  const skipped = json.steps.filter(({ done }: Answer) => done === "skipped");
  expect(skipped.map(({ what }: Answer) => what)).toEqual([
    "lifecycle policy retrofit-logs-dev",
    "saved searches and dashboard",
  ]);
});

test("a marked line is written on a machine and found, with all fields and the seconds that it took", async () => {
  const { json, exitCode } = await run("logs", "check", "dev");
  expect(json).toMatchObject({
    machine: expect.stringMatching(/^i-/),
    found: true,
    seconds: expect.any(Number),
    missing: [],
  });
  expect(exitCode).toBe(0);
});

test("Ctrl-C in the middle of a release puts file, traffic and machines back", async () => {
  const before = readFileSync(file);
  const artifact = "sample/broken/never-healthy";
  const release = retrofit(
    ["release", "dev", "1.3.0", "--artifact", artifact, "--sandbox", "--cwd", workspace.project, "--json"],
    environment,
  );
  while (!release.output().includes("health: ")) {
    expect(release.child.exitCode).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  release.child.kill("SIGINT");
  const { exitCode, json } = await release.finished;
  expect(json).toMatchObject({ interrupted: true, putBack: true });
  expect(exitCode).toBe(1);
  expect(readFileSync(file)).toEqual(before);
  expect((await run("status", "dev")).json).toMatchObject({ weights: { "1.0.0": 100, "1.1.0": 0 } });
});

/** Offers a release while visitors come; gives its outcome and what they were answered. */
async function offer(version: string, artifact: string) {
  const { json: before } = await run("status", "dev");
  const visitors = visit(before.url, 80);
  const { exitCode, json } = await run("release", "dev", version, "--artifact", artifact);
  const answers = tally(await visitors.stop());
  const { json: after } = await run("status", "dev");
  return { exitCode, json, answers, before, after };
}

test("a release that never gets healthy is turned away in time; visitors do not notice", async () => {
  const before = readFileSync(file);
  writeFileSync(
    file,
    before.toString().replace("retrofit:shift:", "retrofit:shift:\n    healthTimeoutSeconds: 30"),
  );
  const offered = await offer("1.4.0", "sample/broken/never-healthy");
  writeFileSync(file, before);
  expect(offered).toMatchObject({ exitCode: 3, json: { gate: "health" } });
  expect(offered.json.error).toMatch(/not healthy within 30 s: 0\/2 healthy/);
  expect(offered.json.error).toContain("The traffic is where it was");
  expect(Object.keys(offered.answers)).toEqual(["1.0.0 200"]);
  expect(offered.after).toEqual(offered.before);
});

test("a release that starts to fail under 10 % of the traffic is turned away and the traffic put back", async () => {
  // The sample says its own version in its answers, whatever it is released as.
  const its = "1.3.0-fails-under-load";
  const { exitCode, json, answers, before, after } = await offer("1.4.1", "sample/broken/fails-under-load");
  expect(json).toMatchObject({ gate: "metrics" });
  expect(exitCode).toBe(3);
  expect(json.error).toMatch(/\d+ of \d+ requests to the new fleet failed/);
  // The first share of the traffic is what it costs to find out; the serving release answers all the rest.
  const [good, first] = [
    answers["1.0.0 200"] ?? 0,
    (answers[`${its} 200`] ?? 0) + (answers[`${its} 500`] ?? 0),
  ];
  expect(Object.keys(answers).sort()).toEqual(["1.0.0 200", `${its} 200`, `${its} 500`]);
  expect(first).toBeLessThan(good / 3);
  expect(after).toEqual(before);
});

/** A release that says of each page that something is wrong with it, and answers it all the same. */
function complainingRelease(version: string): string {
  const folder = join(workspace.project, "complains");
  cpSync(join(workspace.project, "sample/releases/1.0.0"), folder, { recursive: true });
  const change = (name: string, from: string, to: string) => {
    const text = readFileSync(join(folder, name), "utf8");
    expect(text).toContain(from);
    writeFileSync(join(folder, name), text.replace(from, to));
  };
  change("package.json", '"version": "1.0.0"', `"version": "${version}"`);
  const complaint = 'console.log("ERROR the price of the lamp is a guess");';
  change("server.js", "function page() {", `function page() {\n  ${complaint}`);
  return "complains";
}

test("a release whose pages are all answered and that logs errors is turned away by its log lines", async () => {
  const before = readFileSync(file);
  // Time for its lines to be found, whatever else this machine does: the shift ends when they are.
  writeFileSync(file, before.toString().replace("retrofit:shift:", "retrofit:shift:\n    waitSeconds: 120"));
  const offered = await offer("1.4.2", complainingRelease("1.4.2"));
  writeFileSync(file, before);
  expect(offered).toMatchObject({ exitCode: 3, json: { gate: "logs" } });
  expect(offered.json.error).toMatch(
    /\d+ of \d+ log lines of 1\.4\.2 are errors \(\d+\.\d %\), those of the serving release 0\.0 %\./,
  );
  expect(Object.keys(offered.answers).sort()).toEqual(["1.0.0 200", "1.4.2 200"]);
  expect(offered.after).toEqual(offered.before);
  expect(offered.after).toMatchObject({ live: { version: "1.0.0" }, weights: { "1.0.0": 100 } });
});

test("after refusals the next good release goes through, and no visitor meets an error", async () => {
  const { exitCode, answers, after } = await offer("1.1.0", "sample/releases/1.1.0");
  expect(exitCode).toBe(0);
  expect(Object.keys(answers).sort()).toEqual(["1.0.0 200", "1.1.0 200"]);
  expect(after).toMatchObject({ live: { version: "1.1.0" }, standby: { version: "1.0.0" } });
});

test("destroy leaves nothing in AWS", async () => {
  expect((await run("destroy", "dev", "--yes")).exitCode).toBe(0);
  const { stdout } = await retrofit(["sandbox", "env", "--json"], environment).finished;
  const state = (await (
    await fetch(`${JSON.parse(stdout).AWS_ENDPOINT_URL}/_retrofit/state`)
  ).json()) as Answer;
  expect(state.loadBalancers).toEqual([]);
  expect(state.targetGroups).toEqual([]);
  expect(state.instances.filter(({ state: now }: { state: string }) => now !== "terminated")).toEqual([]);
  const { json } = await retrofit(["sandbox", "status", "--json"], environment).finished;
  expect(json.listeners).toEqual([]);
});
