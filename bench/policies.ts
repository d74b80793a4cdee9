/** What the policy pack costs a preview: beside a preview without a pack, and beside one with a pack that says nothing. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { rules } from "../policies/catalogue";
import { packConfiguration } from "../release/policies/configuration";
import { openProject } from "../release/project";
import { loadEnvironment } from "../release/settings";
import { fail } from "./lib/fail";
import { LoadWatch } from "./lib/machine";
import { saveResult } from "./lib/results";
import { orderOfRound } from "./lib/stats";
import { ENVIRONMENT, inTrial, pulumi, type Trial } from "./lib/trial";
import { writeReport } from "./report";
import { PACKS, type Pack, type Policies } from "./sections/policies";

const FOLDERS: Record<Exclude<Pack, "none">, string> = {
  empty: join(__dirname, "programs", "empty-pack"),
  ours: join(__dirname, "..", "policies"),
};
const STARTED = ["empty", "ours"] as const;

async function main(rounds: number): Promise<void> {
  const say = (line: string) => console.error(`policies: ${line}`);
  const load = await LoadWatch.whenIdle(say);
  await inTrial(say, async (trial) => {
    await pulumi(trial, ["stack", "init"]);
    const data: Policies = { rules: rules.length, resources: 0, rounds: [] };
    // One round more, which warms up and is not counted.
    for (let round = -1; round < rounds; round++) {
      const start: Partial<Policies["rounds"][number]["start"]> = {};
      for (const pack of orderOfRound(STARTED, round + 1)) start[pack] = await startUp(FOLDERS[pack]);
      const preview: Partial<Policies["rounds"][number]["preview"]> = {};
      for (const pack of orderOfRound(PACKS, round + 1)) {
        const seen = await previewWith(trial, pack);
        preview[pack] = seen.seconds;
        data.resources = seen.resources;
      }
      if (round >= 0) data.rounds.push({ start, preview } as Policies["rounds"][number]);
      load.look();
      say(PACKS.map((pack) => `${pack} ${preview[pack]!.toFixed(1)} s`).join(", "));
    }
    saveResult("policies", { data, load: load.look(), versions: trial.versions });
  });
}

/** Seconds until a pack says at which port it answers the engine. */
async function startUp(folder: string): Promise<number> {
  const runner = createRequire(join(folder, "pack.js")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const started = process.hrtime.bigint();
  const child = spawn(process.execPath, [runner, "127.0.0.1:1", folder], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  try {
    const port = new Promise<string>((resolve) => createInterface(child.stdout).once("line", resolve));
    const said = await Promise.race([port, closed.then(([code]) => `ended with ${code}`)]);
    if (!/^\d+$/.test(said)) throw new Error(`the pack in ${folder} did not start: ${said}`);
    return Number(process.hrtime.bigint() - started) / 1e9;
  } finally {
    child.kill("SIGKILL");
    await closed;
  }
}

/** The environment from nothing, so that each of its resources is one that the pack judges. */
async function previewWith(trial: Trial, pack: Pack): Promise<{ seconds: number; resources: number }> {
  let resources = 0;
  const seconds = await pulumi(trial, ["preview", ...argumentsOf(trial, pack)], (line) => {
    resources = Number(/^\s*\+ (\d+) to create/.exec(line)?.[1] ?? resources);
  });
  if (resources === 0) throw new Error("the preview does not say what it would create");
  return { seconds, resources };
}

/** Rules are enforced as the environment's file says, as `retrofit check` does it. */
function argumentsOf(trial: Trial, pack: Pack): string[] {
  if (pack === "none") return [];
  const packs = ["--policy-pack", FOLDERS[pack]];
  if (pack === "empty") return packs;
  const file = join(trial.folder, "policies.json");
  const environment = loadEnvironment(openProject(trial.project, ENVIRONMENT), ENVIRONMENT);
  writeFileSync(file, JSON.stringify(packConfiguration(environment)));
  return [...packs, "--policy-pack-config", file];
}

if (require.main === module) {
  main(Number(process.argv[2] ?? 7)).then(writeReport, fail);
}
