/**
 * Start of our program beside empty Pulumi programs: whole processes, in turn, each run as the engine runs a program in
 * a preview (`@pulumi/pulumi/cmd/run` with the monitor's address, config in the environment), with a stub for the engine.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parse } from "yaml";
import { fail } from "./lib/fail";
import { LoadWatch } from "./lib/machine";
import { measuredNode, type Usage } from "./lib/measured-process";
import { saveResult } from "./lib/results";
import { orderOfRound } from "./lib/stats";
import { StubEngine } from "./lib/stub-engine";
import { writeReport } from "./report";
import { PROGRAMS, type Program, type ProgramStart } from "./sections/program-start";

const root = join(__dirname, "..");
const programs = join(__dirname, "programs");

const WHERE: Record<Program, { folder: string; main: string; typescript: boolean }> = {
  ours: { folder: root, main: "stacks/main.js", typescript: false },
  emptyJavaScript: { folder: join(programs, "empty-javascript"), main: "index.js", typescript: false },
  emptyTypeScript: { folder: join(programs, "empty-typescript"), main: "index.ts", typescript: true },
};

async function main(rounds: number): Promise<void> {
  const say = (line: string) => console.error(`program start: ${line}`);
  const load = await LoadWatch.whenIdle(say);
  const engine = await StubEngine.start();
  try {
    const measure = async (program: Program): Promise<Usage> => {
      const usage = await start(program, engine.address);
      const types = engine.take();
      if (program === "ours") data.resources = types.length;
      if (types.length === 0) throw new Error(`${program} registered nothing: it was not run`);
      return usage;
    };
    const data: ProgramStart = { rounds: [], resources: 0 };
    for (const program of PROGRAMS) await measure(program);
    for (let round = 0; round < rounds; round++) {
      const measured: Partial<Record<Program, Usage>> = {};
      for (const program of orderOfRound(PROGRAMS, round)) measured[program] = await measure(program);
      data.rounds.push(measured as Record<Program, Usage>);
      load.look();
      say(
        `round ${round + 1}/${rounds}: ${PROGRAMS.map((program) => `${program} ${measured[program]!.seconds.toFixed(2)} s`).join(", ")}`,
      );
    }
    saveResult("program-start", { data, load: load.look() });
  } finally {
    engine.stop();
  }
}

function start(program: Program, engine: string): Promise<Usage> {
  const { folder, main, typescript } = WHERE[program];
  const runner = createRequire(join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  const args = ["--monitor", engine, "--engine", engine, "--organization", "organization"];
  const stack = ["--project", "retrofit", "--stack", "dev", "--root-directory", folder, "--pwd", folder];
  return measuredNode({
    args: [runner, ...args, ...stack, "--parallel", "8", "--dry-run", main],
    cwd: folder,
    env: {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(configOfDev()),
      PULUMI_CONFIG_SECRET_KEYS: "[]",
      PULUMI_NODEJS_TYPESCRIPT: String(typescript),
    },
  });
}

/** Pulumi.dev.yaml as the engine hands it over: what is no string comes as JSON. */
function configOfDev(): Record<string, string> {
  const { config } = parse(readFileSync(join(root, "Pulumi.dev.yaml"), "utf8")) as {
    config: Record<string, unknown>;
  };
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, text(value)]));
}

if (require.main === module) {
  main(Number(process.argv[2] ?? 10)).then(writeReport, fail);
}
