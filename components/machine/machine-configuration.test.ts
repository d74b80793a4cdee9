import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import { ArtifactStore } from "../artifact-store";
import { errorOf, graphOf, resolved } from "../shared/mocks";
import { firstBoot, type MachineDocument, USER_DATA_LIMIT } from "./first-boot";
import { MachineConfiguration, type MachineConfigurationArgs } from "./machine-configuration";
import { MachineRole } from "./machine-role";

const machines = join(__dirname, "..", "..", "machines");
let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "retrofit-machines-"));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function configuration(more: Partial<MachineConfigurationArgs> = {}): MachineConfiguration {
  const store = new ArtifactStore("artifacts");
  const made = new MachineConfiguration("machines", {
    folder: machines,
    store,
    roles: ["web"],
    environment: "dev",
    ...more,
  });
  made.grant("web", new MachineRole("web"));
  return made;
}

const OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2";

test("the archive's name is its content: another configuration is another object, the same one is not", async () => {
  const copy = join(scratch, "copy");
  cpSync(machines, copy, { recursive: true });
  const key = async (folder: string) =>
    (await graphOf(() => configuration({ folder }))).ofType(OBJECT)[0]!.inputs.key;
  const first = await key(machines);
  expect(first).toMatch(/^configurations\/[0-9a-f]{64}\.tar\.gz$/);
  expect(await key(copy)).toBe(first);
  writeFileSync(join(copy, "data/role/web.yaml"), "---\nprofile::journal::max_mb: 99\n");
  expect(await key(copy)).not.toBe(first);
});

test("machines may fetch the configuration, write their result and their metrics, and nothing else", async () => {
  const graph = await graphOf(() => configuration(), {
    state: ({ type }) =>
      type.endsWith("LogGroup") ? { arn: "arn:aws:logs:eu-central-1:1:log-group:boot" } : undefined,
  });
  const statements = graph
    .ofType("aws:iam/rolePolicy:RolePolicy")
    .flatMap(
      ({ inputs }) =>
        JSON.parse(inputs.policy).Statement as { Action: string[]; Resource: string; Condition?: unknown }[],
    );
  expect(statements.flatMap(({ Action }) => Action).sort()).toEqual([
    "cloudwatch:PutMetricData",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "s3:GetObject",
  ]);
  const of = (action: string) => statements.find(({ Action }) => Action.includes(action))!;
  expect(of("s3:GetObject").Resource).toMatch(/\/configurations\/\*$/);
  expect(of("logs:PutLogEvents").Resource).toBe("arn:aws:logs:eu-central-1:1:log-group:boot:*");
  expect(of("cloudwatch:PutMetricData").Condition).toEqual({
    StringEquals: { "cloudwatch:namespace": "Retrofit" },
  });
});

test("results of first boots are kept for a time, not for ever", async () => {
  const graph = await graphOf(() => configuration({ logRetentionDays: 90 }));
  expect(graph.ofType("aws:cloudwatch/logGroup:LogGroup")[0]!.inputs.retentionInDays).toBe(90);
});

test("mistakes are told together before anything is made", async () => {
  const message = await errorOf(() => configuration({ roles: ["webb", "databas"] }));
  expect(message).toContain('MachineConfiguration "machines" has 2 mistakes:');
  expect(message).toContain(
    'role: got "databas"; allowed: content_repository, docker_host, log_store, migration, web',
  );
});

const document: MachineDocument = {
  environment: "dev",
  role: "web",
  region: "eu-central-1",
  release: "1.0.0",
  fleet: "blue",
  application: {
    name: "shop",
    command: "node server.js",
    port: 8080,
    environment: {},
    artifact: { bucket: "b", key: "k", sha256: "a".repeat(64) },
  },
};

interface UserData {
  packages: string[];
  runcmd: string[][];
  write_files: { path: string; content: string; encoding?: string }[];
}

test("user data names the archive by its sum, installs the tool and runs it; another sum is other user data", async () => {
  const told = await graphOf(() => configuration().document());
  const more = await resolved(told.result);
  const text = firstBoot({ ...document, ...more }, { packages: ["nodejs"] });
  const data = parse(text) as UserData;
  expect(data.packages).toEqual(["awscli", "ca-certificates", "puppet-agent", "nodejs"]);
  expect(data.runcmd.at(-1)).toEqual(["/usr/local/sbin/retrofit-configure", "boot"]);
  const written = JSON.parse(
    data.write_files.find(({ path }) => path === "/etc/retrofit/machine.json")!.content,
  ) as MachineDocument;
  expect(written.configuration).toMatchObject({ tool: "puppet", sha256: more.configuration!.sha256 });
  const other = { ...more.configuration!, sha256: "f".repeat(64) };
  expect(firstBoot({ ...document, configuration: other }, { packages: ["nodejs"] })).not.toBe(text);
  const program = data.write_files.find(({ path }) => path === "/usr/local/sbin/retrofit-configure")!;
  expect(program.encoding).toBe("gz+b64");
  expect(gunzipSync(Buffer.from(program.content, "base64")).toString()).toMatch(/^#!\/usr\/bin\/python3\n/);
});

test("without a configuration the machine fetches and runs its application, as before", () => {
  const data = parse(firstBoot(document, { packages: [] })) as UserData;
  expect(data.packages).toEqual(["awscli", "ca-certificates"]);
  expect(data.write_files.map(({ path }) => path)).toEqual([
    "/etc/retrofit/machine.json",
    "/usr/local/sbin/retrofit-first-boot",
  ]);
  expect(data.runcmd.at(-1)).toEqual(["/usr/local/sbin/retrofit-first-boot"]);
});

test("user data over EC2's limit is refused with what to shorten", () => {
  const environment = { LONG: "x".repeat(USER_DATA_LIMIT) };
  expect(() =>
    firstBoot({ ...document, application: { ...document.application, environment } }, { packages: [] }),
  ).toThrow(/^user data of role "web" is \d+ bytes; EC2 allows 16384\. Shorten application\.environment\.$/);
});
