/**
 * The whole dev environment with Pulumi beside a Terraform configuration of the same resources: made from nothing, then
 * looked at when nothing has changed. Same provider, same emulator, in a sandbox that is new in each round.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { fail } from "./lib/fail";
import { type LoadNote, LoadWatch } from "./lib/machine";
import { saveResult } from "./lib/results";
import { orderOfRound } from "./lib/stats";
import { ENVIRONMENT, inTrial, pulumi, pulumiOutput, retrofit, type Say, type Trial } from "./lib/trial";
import { writeReport } from "./report";
import { LOOKS, type Look, type Looks, type Up, type Ups } from "./sections/up-and-preview";
import { awsResources, differences, type StackExport } from "./terraform-peer/compare";
import { Terraform } from "./terraform-peer/terraform";

/** Either may be 0: then the other is measured alone, and its former result stays. */
async function main(upRounds: number, lookRounds: number): Promise<void> {
  const say = (line: string) => console.error(`up and preview: ${line}`);
  const ups: Ups = { resources: 0, rounds: [] };
  for (let round = 0; round < Math.max(upRounds, 1); round++) {
    const load = await LoadWatch.whenIdle(say);
    await inTrial(say, async (trial) => {
      const terraform = await Terraform.create(trial);
      const versions = { ...trial.versions, Terraform: await terraform.version() };
      await pulumi(trial, ["stack", "init"]);
      ups.rounds.push({ ...(await bothUp(trial, terraform, round, say)), load: load.look() });
      const stack = JSON.parse(await pulumiOutput(trial, ["stack", "export"])) as StackExport;
      const different = differences(stack, await terraform.resources());
      if (different.length > 0) throw new Error(`The two make different things:\n${different.join("\n")}`);
      ups.resources = awsResources(stack).length;
      if (round < upRounds - 1) return;
      if (upRounds > 0) saveResult("up", { data: ups, load: highest(ups.rounds), versions });
      if (lookRounds > 0) await look(trial, terraform, lookRounds, versions, say);
    });
  }
}

const highest = (rounds: Ups["rounds"]): LoadNote => ({
  before: Math.max(...rounds.map(({ load }) => load.before)),
  highest: Math.max(...rounds.map(({ load }) => load.highest)),
});

/** One after the other in the same sandbox: who is first takes turns, since the second finds a fuller emulator. */
async function bothUp(
  trial: Trial,
  terraform: Terraform,
  round: number,
  say: Say,
): Promise<{ pulumi: Up; terraform: Up }> {
  const run = {
    pulumi: () =>
      watchedUp((onLine) => pulumi(trial, ["up", "--yes", "--skip-preview"], onLine), {
        begin: /lb:LoadBalancer web creating/,
        end: /lb:LoadBalancer web created/,
      }),
    terraform: () =>
      watchedUp((onLine) => terraform.run(["apply", "-auto-approve", "-input=false", "-no-color"], onLine), {
        begin: /^aws_lb\.web: Creating/,
        end: /^aws_lb\.web: Creation complete/,
      }),
  };
  const done: Partial<Record<keyof typeof run, Up>> = {};
  for (const tool of orderOfRound(["pulumi", "terraform"] as const, round)) {
    const up = await run[tool]();
    done[tool] = up;
    say(`round ${round + 1}: ${tool} ${up.command.toFixed(1)} s, serving at ${up.serving.toFixed(1)} s`);
  }
  return done as { pulumi: Up; terraform: Up };
}

/** Follows a command by the lines that it prints as it goes. */
async function watchedUp(
  run: (onLine: (line: string) => void) => Promise<number>,
  loadBalancer: { begin: RegExp; end: RegExp },
): Promise<Up> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const seen: { begin?: number; end?: number; firstGate?: number; lastGate?: number; url?: string } = {};
  const command = await run((line) => {
    if (loadBalancer.begin.test(line)) seen.begin ??= seconds();
    if (loadBalancer.end.test(line)) seen.end ??= seconds();
    // Lines of the gates carry the component while it is made; the summary at the end repeats them without it.
    if (/WebTier web .*health: /.test(line)) seen.firstGate ??= seconds();
    if (/WebTier web .*smoke: /.test(line)) seen.lastGate = seconds();
    seen.url ??= /^\s*url\s*[:=]\s*"(http[^"]+)"/.exec(line)?.[1];
  });
  if (seen.begin === undefined || seen.end === undefined || seen.url === undefined) {
    throw new Error("the output does not say when the load balancer was made, or where it is");
  }
  await firstAnswer(seen.url);
  return {
    command,
    serving: seconds(),
    beforeLoadBalancer: seen.begin,
    loadBalancer: seen.end - seen.begin,
    afterLoadBalancer: command - seen.end,
    gates: (seen.lastGate ?? 0) - (seen.firstGate ?? 0),
  };
}

/** Waits until the application answers through the load balancer, which takes a healthy machine. */
async function firstAnswer(url: string): Promise<void> {
  const until = Date.now() + 120_000;
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 200 && answer.headers.has("x-release")) return;
    if (Date.now() > until) throw new Error(`${url} does not answer`);
    await sleep(50);
  }
}

/** Looks at both environments when nothing has changed. Those that read AWS may find something; the report says so. */
async function look(
  trial: Trial,
  terraform: Terraform,
  rounds: number,
  versions: Record<string, string>,
  say: Say,
): Promise<void> {
  const load = await LoadWatch.whenIdle(say);
  const drift = new Set<Look>();
  const plan = ["plan", "-input=false", "-no-color"];
  const noting = (name: Look) => (line: string) => {
    if (/^\s*[~+-] \d+ to (update|create|delete)|^Plan: /.test(line)) drift.add(name);
  };
  const run: Record<Look, (onLine: (line: string) => void) => Promise<number>> = {
    "pulumi preview": (onLine) => pulumi(trial, ["preview", "--expect-no-changes"], onLine),
    "pulumi preview --refresh": (onLine) => pulumi(trial, ["preview", "--refresh"], onLine),
    "retrofit preview": (onLine) => retrofit(trial, ["preview", ENVIRONMENT], onLine),
    "terraform plan": (onLine) => terraform.run(plan, onLine),
    "terraform plan -refresh=false": (onLine) => terraform.run([...plan, "-refresh=false"], onLine),
  };
  const looks: Record<Look, number>[] = [];
  // One round more, which warms up and is not counted.
  for (let round = -1; round < rounds; round++) {
    const seconds: Partial<Record<Look, number>> = {};
    for (const name of orderOfRound(LOOKS, round + 1)) seconds[name] = await run[name](noting(name));
    if (round >= 0) looks.push(seconds as Record<Look, number>);
    load.look();
    say(LOOKS.map((name) => `${name} ${seconds[name]!.toFixed(1)} s`).join(", "));
  }
  const surprising = [...drift].filter(
    (name) => name !== "terraform plan" && name !== "pulumi preview --refresh",
  );
  if (surprising.length > 0) throw new Error(`${surprising.join(", ")} found changes where there are none`);
  const data: Looks = { rounds: looks, drift: [...drift] };
  saveResult("preview", { data, load: load.look(), versions });
}

if (require.main === module) {
  main(Number(process.argv[2] ?? 3), Number(process.argv[3] ?? 5)).then(writeReport, fail);
}
