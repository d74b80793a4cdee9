/** Elastic capacity on the whole program: a budget, schedules, demand that rises and falls, and a swap in the middle. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { parseDocument } from "yaml";
import { createWorkspace, type DemoWorkspace } from "../../../release/demo/workspace";
import { type Answer, pulumi as plainPulumi, retrofit } from "../../support/command-line";
import { sleep, until } from "../../support/sandbox";
import { type Visit, visit } from "../../support/visitors";

jest.setTimeout(10 * 60_000);

/** What one machine is to carry, in requests per second. */
const EACH = 25;
let workspace: DemoWorkspace;
let environment: Record<string, string>;
let scaling: AutoScalingClient;
let url: string;
const running: { stop(): Promise<Visit[]> }[] = [];

const run = (...args: string[]) =>
  retrofit([...args, "--sandbox", "--cwd", workspace.project, "--json"], environment).finished;
const pulumi = (args: string) => plainPulumi(workspace.project, args, environment).finished;

function configure(changes: Record<string, unknown>): void {
  const file = join(workspace.project, "Pulumi.dev.yaml");
  const document = parseDocument(readFileSync(file, "utf8"));
  for (const [key, value] of Object.entries(changes)) document.setIn(["config", ...key.split(".")], value);
  writeFileSync(file, document.toString());
}

/** A schedule whose time came some minutes ago: Auto Scaling itself will not act on it before tomorrow. */
function schedule(name: string, minutes: number, min: number) {
  const timeZone = "Europe/Berlin";
  const options = { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const then = new Intl.DateTimeFormat("en-GB", options).format(Date.now() - minutes * 60_000);
  const [hour, minute] = then.split(":").map(Number);
  return { name, cron: `${minute} ${hour} * * *`, timeZone, min, max: 4 };
}

const night = schedule("night", 120, 2);

beforeAll(async () => {
  workspace = createWorkspace("1.0.0");
  workspace.keep();
  // Alarms and cooldowns that take a minute take three seconds in this sandbox.
  environment = { RETROFIT_SANDBOX: workspace.sandbox, RETROFIT_MINUTE_SECONDS: "3" };
  configure({
    "retrofit:web.min": 1,
    "retrofit:web.max": 4,
    "retrofit:web.scaling": { requestsPerTarget: EACH * 60, cooldownSeconds: { out: 120, in: 60 } },
    "retrofit:web.schedules": [night],
    "retrofit:shift": { steps: [50, 100], waitSeconds: 5 },
    "retrofit:budget": { monthly: 60, currency: "USD" },
    "retrofit:prices": {
      source: "the test",
      date: "2026-01-31",
      hourly: { "t3.small": 0.02, natGateway: 0.04 },
    },
  });
  const { exitCode, stderr } = await retrofit(["sandbox", "start", "--cwd", workspace.project], environment)
    .finished;
  if (exitCode !== 0) throw new Error(stderr);
  const { stdout } = await retrofit(["sandbox", "env", "--json"], environment).finished;
  const { AWS_ENDPOINT_URL: endpoint } = JSON.parse(stdout) as Answer;
  const credentials = { accessKeyId: "sandbox", secretAccessKey: "sandbox" };
  scaling = new AutoScalingClient({ endpoint, region: "eu-central-1", credentials });
  balancers = new ElasticLoadBalancingV2Client({ endpoint, region: "eu-central-1", credentials });
});

let balancers: ElasticLoadBalancingV2Client;

afterAll(async () => {
  await Promise.all(running.map((one) => one.stop()));
  await retrofit(["sandbox", "stop"], environment).finished;
  workspace.remove();
});

async function fleet(version: string): Promise<AutoScalingGroup> {
  const { AutoScalingGroups } = await scaling.send(new DescribeAutoScalingGroupsCommand({}));
  return AutoScalingGroups!.find(({ Tags }) =>
    Tags!.some(({ Key, Value }) => Key === "retrofit:release" && Value === version),
  )!;
}

/** Every size that a fleet is seen to have, until it has the one that is waited for. */
async function sizesUntil(version: string, size: number, seconds = 90): Promise<number[]> {
  const seen: number[] = [];
  await until(
    `${version} has ${size} machines, so far ${seen.join(", ")}`,
    async () => {
      const now = (await fleet(version)).Instances!.length;
      if (now !== seen.at(-1)) seen.push(now);
      return now === size;
    },
    seconds,
  );
  return seen;
}

/** Visitors that come on top of those there are. */
function visitors(perSecond: number) {
  const visits = visit(url, perSecond);
  running.push(visits);
  return {
    async leave(): Promise<Visit[]> {
      running.splice(running.indexOf(visits), 1);
      return visits.stop();
    },
  };
}

const failures = (visits: Visit[]) => visits.filter(({ status }) => status !== 200);

test("a maximum above the budget is refused with the sum, by retrofit and by plain pulumi, before anything is there", async () => {
  const refused = await run("up", "dev");
  expect(refused.exitCode).toBe(2);
  // 4 × 0.02 × 730 = 58.40, and the gateway's 29.20.
  const sum =
    "got 4, which may cost 87.60 USD a month: 4 × t3.small × 0.02 USD × 730 h = 58.40 + 1 × NAT gateway × 0.04 USD × 730 h = 29.20 (the test, 2026-01-31); allowed: at most 2, within retrofit:budget.monthly of 60.00 USD a month";
  expect(refused.json.error).toMatch(/line \d+, retrofit:web\.max: /);
  expect(refused.json.error).toContain(sum);
  await pulumi("stack init dev");
  const plain = await pulumi("up --stack dev --yes --skip-preview");
  expect(plain.exitCode).not.toBe(0);
  expect(plain.stdout).toContain(sum);
  expect((await balancers.send(new DescribeLoadBalancersCommand({}))).LoadBalancers).toEqual([]);
  expect((await scaling.send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups).toEqual([]);
});

test("within the budget it comes up, with the bounds of the schedule in force and a budget that tells somebody", async () => {
  configure({ "retrofit:budget.monthly": 200 });
  const up = await run("up", "dev");
  if (up.exitCode !== 0) console.error(up.stderr.slice(-4000));
  expect(up.exitCode).toBe(0);
  url = up.json.url;
  expect(up.stderr).toContain("costs: up to 87.60 USD a month at the maximum, of a budget of 200.00");
  expect(up.stderr).toContain('Set retrofit:prices.volumeGbMonth, retrofit:prices.hourly["loadBalancer"]');
  const { MinSize, MaxSize } = await fleet("1.0.0");
  expect([MinSize, MaxSize]).toEqual([2, 4]);
  const { stdout } = await pulumi("stack output budgetTopicArn --stack dev");
  expect(stdout).toMatch(/^arn:aws:sns:eu-central-1:\d{12}:/);
  expect((await pulumi("preview --stack dev --expect-no-changes")).exitCode).toBe(0);
});

test("machines come one at a time as the load rises, and no more than the maximum", async () => {
  await sizesUntil("1.0.0", 2);
  const first = visitors(EACH * 2.7);
  expect(await sizesUntil("1.0.0", 3)).toEqual([2, 3]);
  const second = visitors(EACH * 2.7);
  expect(await sizesUntil("1.0.0", 4)).toEqual([3, 4]);
  // Still above what four are to carry: two more of the sandbox's minutes and a cooldown change nothing.
  await sleep(10_000);
  expect((await fleet("1.0.0")).Instances).toHaveLength(4);
  expect(failures([...(await first.leave()), ...(await second.leave())])).toEqual([]);
});

test("a swap under load keeps the size and loses nothing, and a schedule that came meanwhile is in force afterwards", async () => {
  const load = visitors(EACH * 5);
  // As if its minute had come while the release was under way.
  const evening = schedule("evening", 1, 3);
  configure({ "retrofit:web.schedules": [night, evening] });
  const sizes: Record<string, number[]> = { "1.0.0": [], "1.1.0": [] };
  const watch = setInterval(async () => {
    for (const [version, seen] of Object.entries(sizes)) {
      seen.push((await fleet(version).catch(() => undefined))?.Instances?.length ?? 0);
    }
  }, 500);
  const released = await run("release", "dev", "1.1.0");
  clearInterval(watch);
  if (released.exitCode !== 0) console.error(released.stderr.slice(-4000));
  expect(released.exitCode).toBe(0);
  const { MinSize, MaxSize } = await fleet("1.1.0");
  expect([MinSize, MaxSize]).toEqual([3, 4]);
  // Both follow the load all the while, so the size to keep is the least that served.
  expect(Math.max(...sizes["1.1.0"]!)).toBeGreaterThanOrEqual(Math.min(...sizes["1.0.0"]!));
  expect(Math.min(...sizes["1.0.0"]!)).toBeGreaterThanOrEqual(3);
  expect(released.stderr).toContain("schedule: evening is in force since");
  const visits = await load.leave();
  expect(failures(visits)).toEqual([]);
  expect(new Set(visits.map(({ release }) => release))).toEqual(new Set(["1.0.0", "1.1.0"]));
});

test("the new fleet follows the load down, one at a time, and not below the schedule's minimum; the standby keeps its size", async () => {
  const few = visitors(5);
  const standby = (await fleet("1.0.0")).Instances!.length;
  expect([[4, 3], [3]]).toContainEqual(await sizesUntil("1.1.0", 3));
  await sleep(8_000);
  expect((await fleet("1.1.0")).Instances).toHaveLength(3);
  expect((await fleet("1.0.0")).Instances).toHaveLength(standby);
  expect(failures(await few.leave())).toEqual([]);
});
