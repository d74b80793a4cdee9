// The whole check of the project: set-up, types, lint, unit and graph tests, end-to-end tests on the sandbox.
// Closes with one line, `N passed, N failed`. A step that did not run, or ran no test, is a failure.
// With --full also what takes too long to wait for at every change: `npm run test:full`.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, "node_modules", ".bin", name);
const full = process.argv.includes("--full");
const scratch = mkdtempSync(join(tmpdir(), "retrofit-test-"));

/**
 * What is run, in this order. Steps of one group run side by side, those of an inner list one after another. End-to-end
 * tests mostly wait, for load balancers and machines, so three lanes share two cores well; each has a sandbox of its own.
 */
const groups = [
  [{ name: "set-up", command: process.execPath, args: [join(root, "scripts", "setup.mjs")], loud: true }],
  [
    { name: "types", command: bin("tsc"), args: ["--noEmit"] },
    { name: "lint", command: bin("biome"), args: ["check", "."] },
  ],
  [jestStep("unit and graph tests", "unit", { loud: false })],
  [
    jestStep("end-to-end tests", "e2e", { loud: true, leaveOut: full ? [] : ["/e2e/long/"] }),
    [
      ownCommand("machines"),
      ownCommand("docker"),
      ownCommand("logs"),
      ownCommand("ci"),
      ownCommand("policies"),
    ],
    [
      ...[ownCommand("files"), ownCommand("vpn"), ownCommand(full ? "environments:all" : "environments")],
      ...(full ? ["loadtest", "logs:cluster", "logs:environment"].map(ownCommand) : []),
    ],
  ],
];

function jestStep(name, project, { loud, leaveOut = [] }) {
  const args = ["--selectProjects", project];
  if (leaveOut.length > 0) args.push("--testPathIgnorePatterns", ...leaveOut);
  return { ...jestRun(project, bin("jest"), args, ["--maxWorkers=2"], ["--runInBand"]), name, loud };
}

/** A part of the project with a test command of its own, `npm run test:<name>`, goes into one of the groups above. */
function ownCommand(project) {
  const args = ["run", "--silent", `test:${project}`, "--"];
  // What a machine forbids may be skipped there, but not in CI, where nothing may be missing.
  const maySkip = !process.env.CI;
  return { ...jestRun(project, "npm", args, [], []), name: `test:${project}`, loud: true, maySkip };
}

/** jest with its report in a file, and how it is run once more with some of its files. */
function jestRun(tests, command, before, first, second) {
  const args = [...before, "--json", `--outputFile=${join(scratch, `${tests}.json`)}`];
  const again = (files) => [...args, ...second, "--runTestsByPath", ...files];
  return { tests, command, args: [...args, ...first], again };
}

const results = [];
for (const group of groups) {
  // Without its tools nothing after the set-up can say anything true.
  const blocked = results.some(({ name, failed }) => name === "set-up" && failed > 0);
  const ran = await Promise.all(
    group.map((lane) => (blocked ? [lane].flat().map((step) => notRun(step)) : runLane(lane))),
  );
  for (const result of ran.flat()) results.push(result.files ? await runAgain(result) : result);
}
rmSync(scratch, { recursive: true, force: true });

const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log("");
for (const { name, passed: good, failed: bad, seconds, note } of results) {
  const counts = `${String(good).padStart(5)} passed ${String(bad).padStart(4)} failed`;
  console.log(
    `${bad === 0 ? "✓" : "✗"} ${name.padEnd(22)} ${counts} ${`${seconds} s`.padStart(8)}${note ? `  ${note}` : ""}`,
  );
}
console.log("");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function runStep(step) {
  console.log(`• ${step.name}`);
  const started = Date.now();
  const result = await attempt(step);
  return { step, name: step.name, seconds: Math.round((Date.now() - started) / 1000), ...result };
}

/** The files that failed, once more, when no other lane runs: what fails only beside others is told apart from what is broken. */
async function runAgain({ step, seconds, ...first }) {
  const what = first.files.map((file) => relative(root, file)).join(", ");
  console.log(`• ${step.name}: ${first.failed} failed; ${what} once more, by itself`);
  const second = await runStep({ ...step, args: step.again(first.files) });
  // A test that passes at its second try is one to look at, so the summary says it.
  const note = [`second try of ${what} after ${first.failed} failed`, second.note].filter(Boolean).join("; ");
  // What passed the first time, in the files that are not run again, counts as it did.
  return {
    ...second,
    passed: second.passed + first.passedElsewhere,
    seconds: seconds + second.seconds,
    note,
  };
}

async function attempt(step) {
  rmSync(join(scratch, `${step.tests}.json`), { force: true });
  const { code, output } = await run(step);
  const result = step.tests
    ? countTests(step, code)
    : { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
  if (result.failed > 0 && !step.loud) console.log(output);
  return result;
}

/** Steps of a lane run one after another, beside the other lanes of their group. */
async function runLane(lane) {
  const ran = [];
  for (const step of [lane].flat()) ran.push(await runStep(step));
  return ran;
}

/** jest's own numbers. A test that was skipped proves nothing and counts as failed, and so does a run without tests. */
function countTests(step, code) {
  let report;
  try {
    report = JSON.parse(readFileSync(join(scratch, `${step.tests}.json`), "utf8"));
  } catch {
    return { passed: 0, failed: 1, note: "did not finish" };
  }
  const skipped = report.numPendingTests + report.numTodoTests;
  const failures = report.numFailedTests + report.numRuntimeErrorTestSuites + (step.maySkip ? 0 : skipped);
  const note =
    skipped > 0 ? `${skipped} skipped` : report.numTotalTests === 0 ? "no test was run" : undefined;
  const unexplained = failures === 0 && (code !== 0 || report.numTotalTests === 0) ? 1 : 0;
  const [bad, good] = [true, false].map((failing) =>
    report.testResults.filter(({ status }) => (status === "failed") === failing),
  );
  const passedElsewhere = good.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === "passed"),
  ).length;
  const files = bad.length > 0 ? bad.map(({ name }) => name) : undefined;
  return { passed: report.numPassedTests, failed: failures + unexplained, note, files, passedElsewhere };
}

function notRun(step) {
  return { name: step.name, passed: 0, failed: 1, seconds: 0, note: "not run" };
}

/** Loud steps are long and say what they wait for; the others are heard only when they fail. */
function run({ command, args, loud }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? "1" : "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const [stream, shown] of [
      [child.stderr, process.stderr],
      [child.stdout, process.stdout],
    ]) {
      stream.setEncoding("utf8").on("data", (chunk) => {
        output += chunk;
        if (loud) shown.write(chunk);
      });
    }
    child.once("error", (error) => resolve({ code: 1, output: `${output}${error.message}` }));
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
