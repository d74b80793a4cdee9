/** An environment whose machines are updated in place, which then goes over to blue/green with a warm standby. */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { createWorkspace, type DemoWorkspace } from "../../../release/demo/workspace";
import { type Finished, retrofit, shell } from "../../support/command-line";
import { until } from "../../support/sandbox";
import { tally, visit } from "../../support/visitors";

jest.setTimeout(10 * 60_000);

const bin = JSON.stringify(join(__dirname, "..", "..", "..", "bin", "retrofit.js"));
const inPlace = "  retrofit:deployment: inPlace\n";
let workspace: DemoWorkspace;
let file: string;
let environment: Record<string, string>;
let url: string;

const started = (...args: string[]) =>
  retrofit([...args, "--sandbox", "--cwd", workspace.project, "--json"], environment);
const run = (...args: string[]) => started(...args).finished;
const machines = async (): Promise<string[]> => {
  const { json } = await retrofit(["sandbox", "status", "--json"], environment).finished;
  return json.machines.map((machine: { release: string }) => machine.release).sort();
};

beforeAll(async () => {
  workspace = createWorkspace("1.0.0");
  workspace.keep();
  file = join(workspace.project, "Pulumi.dev.yaml");
  appendFileSync(file, inPlace);
  environment = { RETROFIT_SANDBOX: workspace.sandbox };
  const { exitCode, stderr, json } = await run("up", "dev", "--yes");
  if (exitCode !== 0) throw new Error(stderr);
  url = json.url;
});

afterAll(async () => {
  await retrofit(["sandbox", "stop"], environment).finished;
  workspace.remove();
});

/** Runs a command while visitors come; gives its outcome and what they were answered. */
async function underLoad(command: () => Promise<Finished>) {
  const visitors = visit(url, 60);
  const { exitCode, json, stderr } = await command();
  return { exitCode, json, stderr, answers: tally(await visitors.stop()) };
}

test("a release in place reaches every running machine, and no visitor meets an error", async () => {
  const { exitCode, answers, stderr } = await underLoad(() => run("release", "dev", "1.1.0"));
  if (exitCode !== 0) console.error(stderr.slice(-4000));
  expect(exitCode).toBe(0);
  expect(Object.keys(answers).sort()).toEqual(["1.0.0 200", "1.1.0 200"]);
  expect(stderr).toMatch(/the first machine serves with 1\.1\.0, watching/);
  expect(await machines()).toEqual(["1.1.0", "1.1.0"]);
  expect((await run("status", "dev")).json).toMatchObject({
    live: { version: "1.1.0" },
    standby: { version: "1.0.0" },
    weights: { "1.1.0": 100 },
    healthy: { "1.1.0": 2 },
  });
});

test("a release that is broken is put back on the first machine, and no visitor meets it", async () => {
  const before = readFileSync(file);
  const { exitCode, json, answers } = await underLoad(() => run("release", "dev", "1.2.0"));
  expect(json).toMatchObject({ gate: "smoke", putBack: true });
  expect(json.error).toMatch(/GET \/ answered 500.*Put back: i-\w+ runs 1\.1\.0 again/s);
  expect(exitCode).toBe(3);
  expect(Object.keys(answers)).toEqual(["1.1.0 200"]);
  expect(await machines()).toEqual(["1.1.0", "1.1.0"]);
  expect(readFileSync(file)).toEqual(before);
  const preview = `cd "${workspace.project}" && eval "$(node ${bin} sandbox env)" && pulumi preview --stack dev --expect-no-changes --non-interactive`;
  expect((await shell(preview, environment).finished).exitCode).toBe(0);
});

test("over to blue/green; an alarm while the release is watched gives the traffic back by itself", async () => {
  const keep = "  retrofit:keep: { standby: warm, machines: 1, bakeSeconds: 300 }\n";
  writeFileSync(file, readFileSync(file, "utf8").replace(inPlace, keep));
  const { exitCode, json, answers, stderr } = await underLoad(async () => {
    const release = started("release", "dev", "1.0.0");
    await until("it is watched", () => /Watching 1\.0\.0/.test(release.output()), 300);
    const fired = await fire("web-lb-5xx");
    const finished = await release.finished;
    expect(finished.json.error).toContain(fired);
    return finished;
  });
  if (exitCode !== 3) console.error(stderr.slice(-4000));
  expect(json).toMatchObject({ gate: "bake", bake: { state: "failed" } });
  expect(exitCode).toBe(3);
  expect(Object.keys(answers).sort()).toEqual(["1.0.0 200", "1.1.0 200"]);
  expect((await run("status", "dev")).json).toMatchObject({
    live: { version: "1.1.0" },
    standby: { version: "1.0.0" },
    weights: { "1.0.0": 0, "1.1.0": 100 },
  });
});

test("a standby that answered a moment ago is not retired without the words that say what it costs", async () => {
  const { exitCode, json, stderr } = await run("retire", "dev");
  expect(json).toMatchObject({ gate: "traffic" });
  expect(json.error).toMatch(/1\.0\.0 answered \d+ requests in the last 2 minutes/);
  expect(stderr).toContain('--force "there is no way back"');
  expect(exitCode).toBe(3);
});

test("a warm standby is small; a rollback first makes it as large as what serves, and no visitor notices", async () => {
  await until("it is small", async () => (await machines()).join() === "1.0.0,1.1.0,1.1.0", 60);
  const { exitCode, json, answers } = await underLoad(() => run("rollback", "dev"));
  expect(json).toMatchObject({ version: "1.0.0", former: "1.1.0" });
  expect(exitCode).toBe(0);
  expect(Object.keys(answers).sort()).toEqual(["1.0.0 200", "1.1.0 200"]);
  expect((await run("status", "dev")).json).toMatchObject({
    weights: { "1.0.0": 100, "1.1.0": 0 },
    healthy: { "1.0.0": 2 },
  });
  await until("the new standby is small", async () => (await machines()).join() === "1.0.0,1.0.0,1.1.0", 60);
});

/** Puts an alarm of the environment's own into ALARM, as if its metric had crossed the line; gives its name. */
async function fire(prefix: string): Promise<string> {
  const { stdout } = await retrofit(["sandbox", "env", "--json"], environment).finished;
  const { AWS_ENDPOINT_URL: endpoint } = JSON.parse(stdout);
  const credentials = { accessKeyId: "sandbox", secretAccessKey: "sandbox" };
  const cloudWatch = new CloudWatchClient({ endpoint, region: "eu-central-1", credentials });
  const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: prefix }));
  const AlarmName = MetricAlarms![0]!.AlarmName!;
  const state = { StateValue: "ALARM" as const, StateReason: "12 answers, above 10" };
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, ...state }));
  return AlarmName;
}
