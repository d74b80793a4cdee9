import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError } from "../errors";
import { projectIn } from "../project";
import { keepData, refuseLostKey } from "./keep-data";

const output = { line: () => undefined } as never;
const database = {} as never;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "retrofit-keep-data-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  writeFileSync(
    join(folder, "Pulumi.test.yaml"),
    "config:\n  retrofit:database:\n    # of the shop\n    class: db.t4g.micro\n",
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const keep = (environment: object, outputs: Record<string, unknown>, send: (command: never) => unknown) =>
  keepData(
    { output },
    projectIn(folder),
    { environment: "test", region: "eu-central-1", ...environment } as never,
    outputs,
    {
      rds: { send: async (command: never) => send(command) } as never,
      clock: { now: () => 0, sleep: async () => {} },
    },
  );

test.each([
  ["instance", { instance: "shop-1" }, "CreateDBSnapshotCommand", "DBSnapshots"],
  ["cluster", { cluster: "shop-shards" }, "CreateDBClusterSnapshotCommand", "DBClusterSnapshots"],
])(
  "the snapshot of an %s is complete before the file names it as what the new database begins from",
  async (_, source, create, list) => {
    const sent: string[] = [];
    const states = ["creating", "available"];
    const name = await keep(
      { database },
      { database: source },
      (command: { constructor: { name: string } }) => {
        sent.push(command.constructor.name);
        // Nothing names it while it could still fail.
        expect(readFileSync(join(folder, "Pulumi.test.yaml"), "utf8")).not.toContain("restoreFrom");
        return sent.length === 1 ? {} : { [list]: [{ Status: states[sent.length - 2] }] };
      },
    );
    expect(sent[0]).toBe(create);
    expect(sent).toHaveLength(3);
    expect(name).toMatch(/^retrofit-test-\d{14}$/);
    expect(readFileSync(join(folder, "Pulumi.test.yaml"), "utf8")).toBe(
      `config:\n  retrofit:database:\n    # of the shop\n    class: db.t4g.micro\n    restoreFrom: ${name}\n`,
    );
  },
);

test.each([
  ["has none", {}, {}],
  ["is not up", { database }, {}],
])(
  "where the environment's database %s there is nothing to keep, and nothing is done",
  async (_, config, outputs) => {
    const refused = await keep(config, outputs, () => {
      throw new Error("asked AWS");
    }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CommandError);
    expect(refused).toMatchObject({ exitCode: 3, json: { gate: "data" } });
  },
);

test("a database whose key goes with it is not taken down on the word that its data come back", () => {
  expect(() => refuseLostKey({ environment: "test", database })).toThrow(
    "without its key a snapshot cannot be restored",
  );
  const kmsKey = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  expect(() => refuseLostKey({ environment: "test", database: { kmsKey } as never })).not.toThrow();
});
