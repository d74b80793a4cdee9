/**
 * `npm run test:chaos`: kills releases at every step, and interferes with them, under load; then looks whether the next
 * command brings the environment to a declared state, and whether any request failed.
 *
 *     npm run test:chaos -- [--list] [--points "at 50 %,group made"] [--json]
 */
import { setTimeout as sleep } from "node:timers/promises";
import { problemsOf } from "./check";
import { interference } from "./interference";
import { killPoints, type Point } from "./points";
import { type Say, seconds, World } from "./world";

// What the SDK supports is not for those to read about who look at the points.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

export interface PointResult {
  at: string;
  failed: number;
  recovered: boolean;
  after: string;
}

export interface ChaosReport {
  points: PointResult[];
  failed: number;
}

const POINTS: readonly Point[] = [...killPoints, ...interference];

export async function runChaos(points: readonly Point[], say: Say): Promise<ChaosReport> {
  const world = await World.create(say);
  const results: PointResult[] = [];
  try {
    for (const [index, point] of points.entries()) {
      say(`${index + 1}/${points.length} ${point.at}: ${point.what}`);
      const started = Date.now();
      const result = await runPoint(world, point);
      results.push(result);
      const mark = result.recovered && result.failed === 0 ? "✓" : "✗";
      say(`  ${mark} ${result.after}; ${result.failed} failed requests; ${seconds(started)} s`);
    }
    await world.load.stop();
  } finally {
    await world.close();
  }
  return { points: results, failed: results.reduce((sum, { failed }) => sum + failed, 0) };
}

async function runPoint(world: World, point: Point): Promise<PointResult> {
  const failedBefore = world.load.failures;
  const requestsBefore = world.load.samples.length;
  const outcome = await attempt(() => point.run(world));
  if (outcome.error) await world.killAll();
  const problems = await attempt(() => problemsOf(world));
  // Answers are reported a few times per second.
  await sleep(1000);
  const found = [
    ...(outcome.error ? [outcome.error] : []),
    ...(problems.error ? [problems.error] : (problems.value ?? [])),
    ...(world.load.samples.length === requestsBefore ? ["no request was made"] : []),
  ];
  const failed = world.load.failures - failedBefore;
  if (found.length > 0) {
    // The points after this one are to find an environment that is in order.
    await world.start(["recover", "dev"]).ended;
    await world.start(["up", "dev"]).ended;
  }
  return {
    at: point.at,
    failed,
    recovered: found.length === 0,
    after: found.length === 0 ? (outcome.value ?? "") : found.join("; "),
  };
}

async function attempt<T>(what: () => Promise<T>): Promise<{ value?: T; error?: string }> {
  try {
    return { value: await what() };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** The points that were asked for by name, in the order of the list. */
export function choose(names: string | undefined): readonly Point[] {
  if (names === undefined) return POINTS;
  const wanted = names.split(",").map((name) => name.trim());
  const unknown = wanted.filter((name) => !POINTS.some(({ at }) => at === name));
  if (unknown.length > 0) throw new Error(`There is no point ${unknown.join(", ")}; --list tells all.`);
  return POINTS.filter(({ at }) => wanted.includes(at));
}

async function main(args: readonly string[]): Promise<void> {
  const option = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  if (args.includes("--list")) {
    for (const { at, what } of POINTS) console.log(`${at.padEnd(26)} ${what}`);
    return;
  }
  const started = Date.now();
  const report = await runChaos(choose(option("--points")), (line) => console.error(line));
  const lost = report.points.filter(({ recovered }) => !recovered);
  console.error(
    `${report.points.length} points, ${report.failed} failed requests, ${lost.length} not recovered, in ${seconds(started)} s`,
  );
  if (args.includes("--json")) console.log(JSON.stringify(report));
  if (report.failed > 0 || lost.length > 0) process.exitCode = 1;
}

if (require.main === module) {
  main(process.argv.slice(2)).then(
    () => process.exit(),
    (error: Error) => {
      console.error(error.message);
      process.exit(1);
    },
  );
}
