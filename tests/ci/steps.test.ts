/** The steps that all pipelines share: that they call what there is, in the right order, and keep what a release has written. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Command } from "commander";
import { buildProgram } from "../../release/program";

jest.setTimeout(10 * 60_000);

const steps = join(__dirname, "..", "..", "ci", "steps");
const scripts = readdirSync(steps);

/** Calls of the command line in a script, as words. */
function callsIn(script: string): string[][] {
  const text = readFileSync(join(steps, script), "utf8").replaceAll(/^\s*#.*$/gm, "");
  return [...text.matchAll(/npx retrofit ([^|;\n]*)/g)].map((match) => match[1]!.trim().split(/\s+/));
}

test.each(scripts.filter((script) => callsIn(script).length > 0))(
  "%s calls commands and options that there are",
  (script) => {
    for (const words of callsIn(script)) {
      let command: Command = buildProgram();
      const known = [...command.options];
      const rest = [...words];
      for (let next = find(command, rest[0]); next; next = find(command, rest[0])) {
        command = next;
        known.push(...command.options);
        rest.shift();
      }
      expect(command.name()).not.toBe("retrofit");
      const used = rest.filter((word) => word.startsWith("--"));
      expect(used.filter((option) => !known.some(({ long }) => long === option))).toEqual([]);
    }
  },
);

const find = (command: Command, name: string | undefined) =>
  command.commands.find((each) => each.name() === name);

describe("in a checkout", () => {
  let folder: string;
  let remote: string;
  let checkout: string;
  const git = (cwd: string, ...args: string[]) =>
    execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], {
      cwd,
      encoding: "utf8",
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "retrofit-steps-"));
    [remote, checkout] = [join(folder, "remote"), join(folder, "checkout")];
    execFileSync("git", ["init", "-q", "--bare", "-b", "main", remote]);
    execFileSync("git", ["clone", "-q", remote, checkout], { stdio: "ignore" });
    cpSync(steps, join(checkout, "ci", "steps"), { recursive: true });
    writeFileSync(
      join(checkout, "package.json"),
      JSON.stringify({ version: "1.4.0", scripts: { acceptance: "true" } }),
    );
    for (const name of ["dev", "test", "perf"])
      writeFileSync(join(checkout, `Pulumi.${name}.yaml`), "live: none\n");
    git(checkout, "add", "-A");
    git(checkout, "commit", "-q", "-m", "Begin");
    git(checkout, "push", "-q", "origin", "HEAD:main");
    // Stands for npx: notes what is called, writes what a release or a promotion writes, and fails where it is told to.
    mkdirSync(join(folder, "bin"));
    const npx = join(folder, "bin", "npx");
    writeFileSync(
      npx,
      `#!/bin/sh
echo "$*" >> "${folder}/calls"
case "$2" in
  release) echo "live: $4" > "Pulumi.$3.yaml" ;;
  promote) echo "live: from $3" > "Pulumi.$4.yaml" ;;
  check) [ -z "$NO_COMMENT" ] && echo text > comment.md; exit "\${CHECK:-0}" ;;
  comment) exit "\${COMMENT:-0}" ;;
esac
`,
    );
    chmodSync(npx, 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function run(script: string, args: string[], variables: Record<string, string> = {}) {
    const { status, stderr } = spawnSync("sh", [join("ci", "steps", script), ...args], {
      cwd: checkout,
      encoding: "utf8",
      env: { ...process.env, PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH}`, ...variables },
    });
    const file = join(folder, "calls");
    const calls = readFileSync(file, { encoding: "utf8", flag: "a+" }).trim().split("\n");
    return { status, stderr, calls };
  }
  const pushed = (name: string) => git(remote, "show", `main:Pulumi.${name}.yaml`).trim();

  test("a release that the build has made goes to dev, and what is live there is pushed", () => {
    const { status, calls } = run("deploy.sh", ["dev"], { ARTIFACT: "build" });
    expect(status).toBe(0);
    expect(calls).toEqual(["retrofit up dev --yes", "retrofit release dev 1.4.0 --artifact build --yes"]);
    expect(pushed("dev")).toBe("live: 1.4.0");
  });

  test("a change of the infrastructure alone has what is live answer, releases nothing and pushes nothing", () => {
    expect(run("deploy.sh", ["dev"]).calls).toEqual(["retrofit up dev --yes", "retrofit evidence dev smoke"]);
    expect(git(remote, "log", "--format=%s", "main").trim()).toBe("Begin");
  });

  test("what is live is pushed although somebody else has pushed meanwhile", () => {
    const other = join(folder, "other");
    execFileSync("git", ["clone", "-q", remote, other]);
    writeFileSync(join(other, "README.md"), "Words.\n");
    git(other, "add", "-A");
    git(other, "commit", "-q", "-m", "Explain");
    git(other, "push", "-q", "origin", "HEAD:main");
    expect(run("promote.sh", ["dev", "test"]).status).toBe(0);
    expect(pushed("test")).toBe("live: from dev");
    expect(git(remote, "log", "--format=%s", "main").trim().split("\n")).toEqual([
      "What is live in test [skip ci]",
      "Explain",
      "Begin",
    ]);
  });

  test("an approval is noted where the release is live", () => {
    expect(run("approve.sh", ["uat", "Ada Lovelace"]).calls).toEqual([
      "retrofit evidence uat approval --by Ada Lovelace",
    ]);
  });

  test("a promotion approves nothing by itself, and shows what the next one asks for after it", () => {
    const { calls } = run("promote.sh", ["uat", "perf"], { APPROVED_BY: "Ada Lovelace" });
    expect(calls).toEqual([
      "retrofit up perf --yes",
      "retrofit promote uat perf --yes",
      "retrofit evidence perf tests --run npm run acceptance",
      "retrofit loadtest perf --profile steady",
    ]);
  });

  test("a check that refuses still has its comment, and fails with the check's own exit code", () => {
    const { status, calls } = run("check.sh", ["origin/main"], { CHECK: "3" });
    expect(status).toBe(3);
    expect(calls.at(-1)).toBe("retrofit comment comment.md");
    expect(run("check.sh", ["origin/main"], { CHECK: "3", COMMENT: "1" }).status).toBe(3);
  });

  test("a comment that cannot be put is a failure where the check has passed, and an old one is never put", () => {
    expect(run("check.sh", ["origin/main"], { COMMENT: "1" }).status).toBe(1);
    rmSync(join(folder, "calls"));
    expect(run("check.sh", ["origin/main"], { CHECK: "2", NO_COMMENT: "1" })).toMatchObject({
      status: 2,
      calls: ["retrofit check --since origin/main --comment comment.md"],
    });
  });

  test("a rebuild is that and nothing else: a sweep that fails does not stop it", () => {
    expect(run("rebuild.sh", ["dev"]).calls).toEqual(["retrofit rebuild dev --yes"]);
  });

  test("a word that the button does not know is told", () => {
    expect(run("environment.sh", ["stop", "pr-1"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('"stop"'),
    });
  });
});
