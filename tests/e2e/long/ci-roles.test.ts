/** The roles of a CI at the engine's state: the real engine, and a bucket that holds each role to its document. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { openStackToLook } from "../../../release/engine/engine";
import { projectIn } from "../../../release/project";
import { ensureToolchain } from "../../../sandbox/toolchain";
import { deployDocument, previewDocument } from "../../../stacks/ci/permissions";
import { type Finished, retrofit, start } from "../../support/command-line";
import { StateBucket } from "../../support/state-bucket";

jest.setTimeout(10 * 60_000);

const region = "eu-central-1";
const state = { bucket: "states", project: "shop" };
const boundaryArn = "arn:aws:iam::111122223333:policy/boundary";
const ROLES = {
  dev: deployDocument({ names: ["dev", "pr-*"], region, state, boundaryArn }),
  test: deployDocument({ names: ["test"], region, state, boundaryArn, from: { name: "dev", region } }),
  preview: previewDocument({ state }),
};

let bucket: StateBucket;
let folder: string;
let variables: Record<string, string>;

const pulumi = (...args: string[]): Promise<Finished> =>
  start("pulumi", [...args, "--non-interactive"], variables, folder).finished;
const command = (...args: string[]): Promise<Finished> =>
  retrofit([...args, "--cwd", folder, "--yes", "--json"], variables).finished;

beforeAll(async () => {
  bucket = await StateBucket.start(state.bucket);
  folder = mkdtempSync(join(tmpdir(), "retrofit-ci-roles-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  const { engine } = await ensureToolchain();
  variables = {
    PATH: `${dirname(engine.path)}${delimiter}${process.env.PATH}`,
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: bucket.backend,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    AWS_REGION: region,
  };
  // What others have made: lasting environments, and short-lived ones that never came up, since nothing but their stack is there.
  for (const name of ["dev", "test", "prod", "pr-1", "pr-2"]) {
    const { exitCode, stderr } = await pulumi("stack", "init", name);
    if (exitCode !== 0) throw new Error(stderr);
  }
  await pulumi("stack", "tag", "set", "retrofit:expires", "2020-01-31T12:00Z", "--stack", "pr-1");
  await pulumi("stack", "tag", "set", "retrofit:expires", "2999-01-31T12:00Z", "--stack", "pr-2");
  for (const name of readdirSync(folder)) if (/^Pulumi\..+\.yaml$/.test(name)) rmSync(join(folder, name));
});

beforeEach(() => {
  bucket.refused.length = 0;
});

afterAll(async () => {
  await bucket?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("who promotes to test reads what is live in dev, writes test's state, and sees nothing of prod's", async () => {
  bucket.policy = ROLES.test;
  const outputs = (name: string) => pulumi("stack", "output", "--json", "--stack", name);
  expect((await outputs("dev")).json).toEqual({});
  expect((await outputs("prod")).stderr).toContain("StatusCode: 403");
  expect((await pulumi("stack", "tag", "set", "a", "b", "--stack", "test")).exitCode).toBe(0);
  expect((await pulumi("stack", "tag", "set", "a", "b", "--stack", "dev")).exitCode).not.toBe(0);
  expect(bucket.refused).toEqual(
    expect.arrayContaining([
      "s3:GetObject .pulumi/stacks/shop/prod.json",
      "s3:PutObject .pulumi/stacks/shop/dev.pulumi-tags",
    ]),
  );
});

test("dev's role sweeps what never came up and is over, and is not stopped by what is not its own", async () => {
  bucket.policy = ROLES.dev;
  // The engine's own list ends with the first state that it may not read.
  expect((await pulumi("stack", "ls", "--json")).exitCode).not.toBe(0);
  const swept = await command("environment", "sweep");
  if (swept.exitCode !== 0) console.error(swept.stderr);
  expect(swept).toMatchObject({ exitCode: 0, json: { removed: ["pr-1"] } });
  expect(swept.stderr).toContain("prod is not for this role to read");
});

test("a short-lived environment is removed in a checkout that never had its file, a lasting one is not", async () => {
  bucket.policy = ROLES.dev;
  expect(await command("environment", "remove", "dev")).toMatchObject({
    exitCode: 3,
    json: { gate: "lasting" },
  });
  expect(await command("environment", "remove", "pr-2")).toMatchObject({
    exitCode: 0,
    json: { removed: ["pr-2"] },
  });
  expect(await command("environment", "remove", "pr-2")).toMatchObject({ exitCode: 2 });
});

test("who checks a pull request looks at what is there, and for an environment that is new makes nothing", async () => {
  bucket.policy = ROLES.preview;
  Object.assign(process.env, variables);
  for (const name of ["dev", "new"]) writeFileSync(join(folder, `Pulumi.${name}.yaml`), "config: {}\n");
  const open = (name: string) => openStackToLook(projectIn(folder), name);
  const [there, anew] = [await open("dev"), await open("new")];
  await there.stack.exportStack();
  expect((await anew.stack.exportStack()).deployment).toBeDefined();
  expect(bucket.refused).toEqual([]);
  expect([...bucket.objects.keys()].filter((key) => key.includes("/new."))).toEqual([]);
  expect(readFileSync(join(folder, "Pulumi.new.yaml"), "utf8")).toBe("config: {}\n");
});
