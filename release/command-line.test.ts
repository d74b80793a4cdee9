import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildProgram } from "./program";

const bin = join(__dirname, "..", "bin", "retrofit.js");
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "retrofit-cli-test-"));
  writeFileSync(join(project, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  writeFileSync(join(project, "Pulumi.dev.yaml"), GOOD);
  writeFileSync(
    join(project, "Pulumi.broken.yaml"),
    GOOD.replace("size: small", "size: tiny").replace("cidr", "cdir"),
  );
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

const GOOD = `config:
  aws:region: eu-central-1
  retrofit:size: small
  retrofit:application: { name: shop, command: node server.js }
  retrofit:network: { cidr: 10.10.0.0/16 }
  retrofit:web: { testers: [127.0.0.0/8] }
`;

/** Without an engine on the PATH and without any AWS account: nothing here may get that far. */
function retrofit(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: "utf8",
    cwd: project,
    env: { HOME: join(project, "home"), PATH: "" },
  });
  return { exitCode: status, stdout, stderr };
}

test.each([
  ["an unknown command", ["upp", "dev"], /unknown command 'upp'.*Did you mean up/s],
  ["no environment", ["up"], /missing required argument 'environment'/],
  ["an unknown option", ["up", "dev", "--sandbax"], /unknown option '--sandbax'.*--sandbox/s],
  ["an unknown environment", ["up", "qa"], /There is no environment "qa".*Known environments: broken, dev/s],
  ["something that is no version", ["release", "dev", "latest"], /"latest" is not a version/],
  [
    "an unknown database change",
    ["release", "dev", "1.1.0", "--database", "some"],
    /Allowed choices are none, additive, breaking/,
  ],
  ["a folder without a project", ["status", "dev", "--cwd", tmpdir()], /There is no Pulumi\.yaml/],
  ["a rate that is no number", ["demo", "--rate", "fast"], /whole number/],
  ["taking down without a word", ["destroy", "dev"], /has to be confirmed.*--yes/s],
])("%s is wrong use: exit code 2 and what is right", (_what, args, message) => {
  const { exitCode, stdout, stderr } = retrofit(...args);
  expect(stderr).toMatch(message);
  expect(stdout).toBe("");
  expect(exitCode).toBe(2);
});

test.each([["up"], ["preview"], ["rollback"], ["retire"]])(
  "%s tells every mistake of a broken file at once, ends with 2 and touches nothing",
  (command) => {
    const before = readFileSync(join(project, "Pulumi.broken.yaml"));
    const { exitCode, stderr } = retrofit(command, "broken");
    expect(stderr).toContain("Pulumi.broken.yaml has 2 mistakes:");
    expect(stderr).toContain("Nothing was changed.");
    expect(stderr).toContain("retrofit:size");
    expect(stderr).toContain("cdir");
    expect(exitCode).toBe(2);
    expect(readFileSync(join(project, "Pulumi.broken.yaml"))).toEqual(before);
    expect(
      readdirSync(project)
        .filter((name) => name !== "home")
        .sort(),
    ).toEqual(["Pulumi.broken.yaml", "Pulumi.dev.yaml", "Pulumi.yaml"]);
  },
);

test("with --json a mistake is the one object on standard output, and its text is on standard error", () => {
  const { exitCode, stdout, stderr } = retrofit("up", "qa", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    exitCode: 2,
    error: expect.stringContaining('no environment "qa"'),
  });
  expect(stderr).toContain("Known environments");
  expect(exitCode).toBe(2);
});

test("wrong use with --json ends with an object as well", () => {
  const { stdout, exitCode } = retrofit("--json", "up");
  expect(JSON.parse(stdout)).toEqual({ error: "missing required argument 'environment'", exitCode: 2 });
  expect(exitCode).toBe(2);
});

test("a missing engine is told with the two ways out of it", () => {
  const { exitCode, stderr } = retrofit("up", "dev");
  expect(stderr).toContain("`pulumi` is not on the PATH");
  expect(stderr).toContain("--sandbox");
  expect(exitCode).toBe(1);
});

test("every command explains itself with an example", () => {
  const { exitCode, stdout } = retrofit("release", "--help");
  expect(stdout).toContain("$ retrofit release dev 1.1.0 --sandbox");
  expect(exitCode).toBe(0);
  const program = buildProgram();
  const groups = program.commands.filter(({ commands }) => commands.length > 0);
  const names = groups.map((group) => group.name());
  expect(names).toEqual([
    "links",
    "environment",
    "artifacts",
    "files",
    "machine",
    "docker",
    "image",
    "vpn",
    "logs",
    "sandbox",
  ]);
  for (const command of [...program.commands, ...groups.flatMap(({ commands }) => commands)]) {
    // Hidden commands are for this program itself, and a group has its examples in its commands.
    const visible = program.createHelp().visibleCommands(command.parent ?? program);
    if (!visible.includes(command) || groups.includes(command)) continue;
    let text = "";
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
    const name = command.parent === program ? command.name() : `${command.parent?.name()} ${command.name()}`;
    expect(text).toContain(`$ retrofit ${name}`);
    expect(text).toContain("--json");
  }
});
