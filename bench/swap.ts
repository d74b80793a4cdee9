/**
 * Where the time of a release goes, phase by phase, under a light load; and what moving the traffic in steps costs
 * beside the same release with the traffic moved all at once.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseDocument } from "yaml";
import { Load } from "../release/demo/load";
import { type SandboxEvent, watchSandbox } from "../sandbox";
import { loadEnvironmentFile } from "../stacks/config";
import { fail } from "./lib/fail";
import { LoadWatch } from "./lib/machine";
import { saveResult } from "./lib/results";
import { orderOfRound } from "./lib/stats";
import { ENVIRONMENT, inTrial, pulumi, pulumiOutput, retrofit, type Trial } from "./lib/trial";
import { writeReport } from "./report";
import { type Marks, PHASES, type Phase, SHIFTS, type Shift, type Swap } from "./sections/swap";

const REQUESTS_PER_SECOND = 50;
const ARTIFACT = "sample/releases/1.1.0";

async function main(rounds: number): Promise<void> {
  const say = (line: string) => console.error(`swap: ${line}`);
  const busy = await LoadWatch.whenIdle(say);
  await inTrial(say, async (trial) => {
    const { shift } = loadEnvironmentFile(fileOf(trial));
    await pulumi(trial, ["stack", "init"]);
    say(`environment up in ${(await retrofit(trial, ["up", ENVIRONMENT])).toFixed(1)} s`);
    const { url } = JSON.parse(await pulumiOutput(trial, ["stack", "output", "--json"])) as { url: string };
    const load = Load.start(url, REQUESTS_PER_SECOND);
    const data: Swap["rounds"] = [];
    try {
      let patch = 1;
      // The first release has no former standby to take away; it warms up and is not counted.
      await released(trial, "atOnce", `1.0.${patch++}`);
      for (let round = 0; round < rounds; round++) {
        const marks: Partial<Record<Shift, Marks>> = {};
        for (const kind of orderOfRound(Object.keys(SHIFTS) as Shift[], round)) {
          marks[kind] = await released(trial, kind, `1.0.${patch++}`);
          say(
            `${kind}: ${PHASES.map((phase) => `${phase} ${marks[kind]![phase]?.toFixed(1) ?? "–"}`).join(", ")}`,
          );
        }
        data.push(marks as Record<Shift, Marks>);
        busy.look();
      }
      await load.stop();
    } finally {
      load.kill();
    }
    const { waitSeconds, pollSeconds, healthyPolls } = shift;
    const { samples, failures } = load;
    const result: Swap = {
      rounds: data,
      waitSeconds,
      pollSeconds,
      healthyPolls,
      load: { perSecond: REQUESTS_PER_SECOND, requests: samples.length, failed: failures },
    };
    saveResult("swap", { data: result, load: busy.look(), versions: trial.versions });
  });
}

/** Makes one release and notes when each phase was reached, by what the sandbox reports and by the gates' lines. */
async function released(trial: Trial, kind: Shift, version: string): Promise<Marks> {
  setSteps(trial, SHIFTS[kind]);
  const started = Date.now();
  const marks: Marks = {};
  const first = (phase: Phase, at = Date.now()) => {
    marks[phase] ??= (at - started) / 1000;
  };
  const last = (phase: Phase, at: number) => {
    marks[phase] = (at - started) / 1000;
  };
  const stopWatching = await watchSandbox((event) => note(event, version, { first, last }), {
    since: started,
  });
  try {
    await retrofit(trial, ["release", ENVIRONMENT, version, "--artifact", ARTIFACT], (line) => {
      if (/\b(packed|published) /.test(line)) first("published");
      if (/health: .*\((\d+)\/\1 polls\)/.test(line)) first("health gate passed");
      if (/smoke: .*passed/.test(line)) first("smoke test passed");
    });
    first("end");
    // Events come over a connection of their own.
    await sleep(500);
  } finally {
    stopWatching();
  }
  const needed = PHASES.filter((phase) => kind === "stepped" || !/step$/.test(phase));
  const missing = needed.filter((phase) => marks[phase] === undefined && phase !== "former standby drains");
  if (missing.length > 0) throw new Error(`the release of ${version} does not show: ${missing.join(", ")}`);
  return marks;
}

function note(
  event: SandboxEvent,
  version: string,
  { first, last }: Record<"first" | "last", (phase: Phase, at: number) => void>,
): void {
  const at = Date.parse(event.at);
  if (event.type === "weights" && event.port === 80) {
    const total = event.groups.reduce((sum, group) => sum + group.weight, 0);
    const own = event.groups.filter(({ release }) => release === version);
    const share = Math.round((own.reduce((sum, group) => sum + group.weight, 0) / total) * 100);
    if (share === 10) first("first step", at);
    if (share === 50) first("second step", at);
    if (share === 100) first("all traffic", at);
  }
  if (!("release" in event)) return;
  if (event.release === version) {
    if (event.type === "machine.booting") first("first machine boots", at);
    if (event.type === "machine.started") last("machines started", at);
    if (event.type === "target.healthy") last("machines healthy", at);
  } else if (event.type === "target.draining" || event.type === "machine.draining") {
    first("former standby drains", at);
  }
}

const fileOf = ({ project }: Trial) => join(project, `Pulumi.${ENVIRONMENT}.yaml`);

function setSteps(trial: Trial, steps: readonly number[]): void {
  const document = parseDocument(readFileSync(fileOf(trial), "utf8"));
  document.setIn(["config", "retrofit:shift", "steps"], [...steps]);
  writeFileSync(fileOf(trial), document.toString());
}

if (require.main === module) {
  main(Number(process.argv[2] ?? 3)).then(writeReport, fail);
}
