/**
 * What the gates cost: the same release by plain `pulumi up`, with the gates and with a program that has none, in pairs.
 * And how long a release takes with few machines and with many.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseDocument } from "yaml";
import { setReleases } from "../release/environment-file";
import { packageRoot } from "../release/package-root";
import { fail } from "./lib/fail";
import { LoadWatch } from "./lib/machine";
import { saveResult } from "./lib/results";
import { orderOfRound } from "./lib/stats";
import { ENVIRONMENT, inTrial, pulumi, type Trial } from "./lib/trial";
import { writeReport } from "./report";
import type { Gates, Sizes } from "./sections/gates";

const PROGRAMS = {
  gated: "stacks/main.js",
  bare: "bench/programs/without-gates/index.js",
} as const;
type Program = keyof typeof PROGRAMS;

async function main(rounds: number, sizes: readonly number[]): Promise<void> {
  const say = (line: string) => console.error(`gates: ${line}`);
  const busy = await LoadWatch.whenIdle(say);
  await inTrial(say, async (trial) => {
    change(trial, ["retrofit:shift"], { steps: [100], waitSeconds: 0 });
    await pulumi(trial, ["stack", "init"]);
    say(`environment up in ${(await up(trial, "gated")).toFixed(1)} s`);
    const releases = new Releases(trial);
    // The first has no former standby to take away; it warms up and is not counted.
    await releases.next("gated");
    const data: Gates["rounds"] = [];
    for (let round = 0; round < rounds; round++) {
      const taken: Partial<Record<Program, number>> = {};
      for (const program of orderOfRound(Object.keys(PROGRAMS) as Program[], round)) {
        taken[program] = await releases.next(program);
        say(`${program}: ${taken[program].toFixed(1)} s`);
      }
      data.push(taken as Record<Program, number>);
      busy.look();
    }
    if (data.length > 0)
      saveResult<Gates>("gates", { data: { rounds: data }, load: busy.look(), versions: trial.versions });

    const bySize: Sizes["sizes"] = [];
    for (const machines of sizes) {
      change(trial, ["retrofit:web", "max"], machines);
      change(trial, ["retrofit:web", "min"], machines);
      // The live fleet grows to its new minimum, and one release brings the standby to it as well.
      await up(trial, "gated");
      await releases.next("gated");
      const seconds: number[] = [];
      for (let round = 0; round < Math.max(1, rounds); round++) seconds.push(await releases.next("gated"));
      say(`${machines} machines: ${seconds.map((s) => s.toFixed(1)).join(", ")} s`);
      bySize.push({ machines, seconds });
      busy.look();
    }
    if (bySize.length > 0)
      saveResult<Sizes>("sizes", { data: { sizes: bySize }, load: busy.look(), versions: trial.versions });
  });
}

/** Releases one after the other, each beside the one before. */
class Releases {
  private patch = 0;

  constructor(private readonly trial: Trial) {}

  async next(program: Program): Promise<number> {
    const release = (patch: number) => ({
      version: `1.0.${patch}`,
      artifact: `sample/releases/${patch === 0 ? "1.0.0" : "1.1.0"}`,
      database: "none" as const,
    });
    this.patch += 1;
    const file = fileOf(this.trial);
    const wanted = { live: release(this.patch), standby: release(this.patch - 1) };
    writeFileSync(file, setReleases(readFileSync(file, "utf8"), wanted));
    return up(this.trial, program);
  }
}

/** Seconds of `pulumi up` with the program. */
function up(trial: Trial, program: Program): Promise<number> {
  const file = join(trial.project, "Pulumi.yaml");
  const document = parseDocument(readFileSync(file, "utf8"));
  document.set("main", resolve(packageRoot(), PROGRAMS[program]));
  writeFileSync(file, document.toString());
  return pulumi(trial, ["up", "--yes", "--skip-preview"]);
}

const fileOf = ({ project }: Trial) => join(project, `Pulumi.${ENVIRONMENT}.yaml`);

function change(trial: Trial, path: string[], value: unknown): void {
  const document = parseDocument(readFileSync(fileOf(trial), "utf8"));
  document.setIn(["config", ...path], value);
  writeFileSync(fileOf(trial), document.toString());
}

if (require.main === module) {
  // `bench:gates -- 3 2,10,50`
  const sizes = (process.argv[3] ?? "2,10,50")
    .split(",")
    .map(Number)
    .filter((size) => size > 0);
  main(Number(process.argv[2] ?? 3), sizes).then(writeReport, fail);
}
