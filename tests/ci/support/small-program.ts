/** A project's own small program in place of an environment, and a state in which something of it is there already. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { pulumi } from "../../support/command-line";

/** A resource of the program; an input `{ from: [name, output] }` is another's output, which a preview does not know. */
export interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** Owned, as everything of an environment is. */
export const tags = { "retrofit:environment": "dev", "retrofit:application": "shop" };

/** What AWS has filled in of such a database. Without it the provider takes it for something that is still to be known. */
const FILLED_IN = {
  availabilityZone: "eu-central-1a",
  backupTarget: "region",
  characterSetName: "UTF8",
  dbInstanceId: "database",
  kmsKeyId: "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555",
  ncharCharacterSetName: "UTF8",
  snapshotIdentifier: "shop-first",
  timezone: "UTC",
};

/** A database that no rule minds. */
export const database = (more: object = {}): Declared => ({
  type: "aws:rds/instance:Instance",
  name: "database",
  inputs: {
    identifier: "shop",
    dbName: "shop",
    engine: "postgres",
    instanceClass: "db.t4g.micro",
    allocatedStorage: 20,
    username: "shop",
    manageMasterUserPassword: true,
    storageEncrypted: true,
    backupRetentionPeriod: 14,
    enabledCloudwatchLogsExports: ["postgresql"],
    copyTagsToSnapshot: true,
    skipFinalSnapshot: false,
    finalSnapshotIdentifier: "shop-last",
    tags,
    ...more,
  },
});

const PROGRAM = `// Written by a test.
const pulumi = require("@pulumi/pulumi");
class Resource extends pulumi.CustomResource {}
const made = {};
for (const { type, name, inputs } of require("./resources.json")) {
  const given = Object.entries(inputs).map(([key, value]) => [key, value?.from ? made[value.from[0]][value.from[1]] : value]);
  made[name] = new Resource(type, name, { publicIp: undefined, ...Object.fromEntries(given) });
}
`;

/** Makes the project's program one that declares these. */
export function declare(project: string, resources: readonly Declared[]): void {
  writeFileSync(join(project, "program.js"), PROGRAM);
  writeFileSync(join(project, "resources.json"), JSON.stringify(resources, undefined, 1));
  const file = join(project, "Pulumi.yaml");
  const settings = parseDocument(readFileSync(file, "utf8"));
  settings.set("main", "program.js");
  writeFileSync(file, settings.toString());
}

/** Has the engine believe that these are there. Nothing is made: a preview reads the state alone. */
export async function believe(
  project: string,
  resources: readonly Declared[],
  environment: Record<string, string>,
): Promise<void> {
  const urn = (type: string, name: string) => `urn:pulumi:dev::retrofit::${type}::${name}`;
  const stack = urn("pulumi:pulumi:Stack", "retrofit-dev");
  const provider = urn("pulumi:providers:aws", "default");
  const id = "11111111-2222-3333-4444-555555555555";
  const settings = { region: "eu-central-1" };
  const state = {
    version: 3,
    deployment: {
      manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" },
      resources: [
        { urn: stack, custom: false, type: "pulumi:pulumi:Stack" },
        {
          urn: provider,
          custom: true,
          id,
          type: "pulumi:providers:aws",
          inputs: settings,
          outputs: settings,
        },
        ...resources.map(({ type, name, inputs }) => ({
          urn: urn(type, name),
          custom: true,
          id: name,
          type,
          inputs,
          outputs: {
            id: name,
            ...(type.startsWith("aws:rds/") && FILLED_IN),
            ...inputs,
            tagsAll: inputs.tags,
          },
          parent: stack,
          provider: `${provider}::${id}`,
        })),
      ],
    },
  };
  const file = join(project, "state.json");
  writeFileSync(file, JSON.stringify(state));
  const run = await pulumi(project, `stack import --stack dev --file "${file}"`, environment).finished;
  if (run.exitCode !== 0) throw new Error(run.stderr || run.stdout);
}
