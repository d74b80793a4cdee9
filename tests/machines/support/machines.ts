import type { BootableDocument, BootFile, MachineDocument } from "../../../components/machine";
import { type Catalog, type CatalogEntry, compileCatalogs } from "../../../release/machine/catalog";
import { DebianMachine, type DebianRoot, ensureDebianRoot, ensureRepository } from "../../../sandbox/debian";
import type { ProgressEvent } from "../../../sandbox/progress";
import { bootedBy, type Cloud } from "./cloud";
import { documentOf, ENVIRONMENTS, machinesFolder, ROLES } from "./configuration";

const say = ({ step, state, detail }: ProgressEvent) => {
  if (state !== "start") process.stderr.write(`• ${step}: ${detail ?? state}\n`);
};

export const debianRoot = (): Promise<DebianRoot> => ensureDebianRoot(say);

/** Compiles catalogs with the Puppet that machines have. */
export async function compile(
  entries: Record<string, CatalogEntry>,
  folder = machinesFolder,
): Promise<Record<string, Catalog>> {
  return compileCatalogs(await debianRoot(), folder, entries);
}

/** Every role in every environment: `web in dev` and so on. */
export function everyMachine(): Record<string, { document: MachineDocument }> {
  const pairs = ROLES.flatMap((role) => ENVIRONMENTS.map((environment) => [role, environment] as const));
  return Object.fromEntries(
    pairs.map(([role, environment]) => [
      `${role} in ${environment}`,
      { document: documentOf(role, environment) },
    ]),
  );
}

/** Packages that roles install by Puppet; Amazon's agent is no package of Debian. */
async function packagesOfRoles(): Promise<string[]> {
  const machines = Object.fromEntries(ROLES.map((role) => [role, { document: documentOf(role, "prod") }]));
  const catalogs = await compile({
    ...machines,
    "web with everything": { document: documentOf("web", "prod", { settings: everything, logs }) },
  });
  return Object.values(catalogs)
    .flatMap(({ packages, error }) => {
      if (error) throw new Error(error);
      return packages;
    })
    .filter((name) => name !== "amazon-ssm-agent");
}

/** What machine.json says where there is a log store. */
export const logs = { secretArn: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:logs" };

/** Settings with which the web role has all that it can have. */
export const everything = {
  "profile::mounts::mounts": {
    "/srv/shared-files": { type: "nfs", source: "fs-1.efs.eu-central-1.amazonaws.com:/" },
    "/srv/bucket": { type: "s3", source: "files-of-shop" },
  },
  "profile::users::accounts": { ada: { keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPuV ada"], sudo: true } },
  "profile::database_client::engine": "postgres",
  "profile::database_client::settings": { DATABASE_HOST: 'db "one" \\ $x' },
  "profile::session_store::settings": { SESSION_STORE_URL: "rediss://sessions:6379" },
};

let repository: Promise<string> | undefined;

export async function machineRepository(): Promise<string> {
  repository ??= (async () =>
    ensureRepository(
      await debianRoot(),
      [...(await packagesOfRoles()), "nodejs", "openjdk-17-jre-headless", "ansible-core", "puppet-lint"],
      say,
    ))();
  return repository;
}

/** Boots a machine and waits until its first boot has come to an end. */
export async function bootMachine(
  name: string,
  document: BootableDocument,
  cloud: Cloud,
  options: {
    packages?: readonly string[];
    files?: readonly BootFile[];
    memoryMb?: number;
    layer?: string;
  } = {},
): Promise<{ machine: DebianMachine; result: BootResult; seconds: number }> {
  const { packages, files, memoryMb, layer } = options;
  const repository = await machineRepository();
  const root = await debianRoot();
  const started = Date.now();
  const machine = await DebianMachine.start({
    root,
    name,
    ...bootedBy(document, cloud, repository, packages, files),
    ...(memoryMb !== undefined && { memoryMb }),
    ...(layer !== undefined && { layer }),
  });
  const { code, output } = await machine.exec(
    "for n in $(seq 600); do [ -s /var/log/retrofit/first-boot.json ] && exec cat /var/log/retrofit/first-boot.json; sleep 0.5; done; tail -n 40 /var/log/cloud-init-output.log; exit 1",
    { timeoutSeconds: 320 },
  );
  if (code !== 0) {
    await machine.stop();
    throw new Error(`Machine ${name} did not finish its first boot:\n${output}`);
  }
  return { machine, result: JSON.parse(output) as BootResult, seconds: (Date.now() - started) / 1000 };
}

export interface BootResult {
  result: "succeeded" | "failed";
  reason?: string;
  lines?: string[];
  seconds: number;
  changed?: boolean;
}

/** Asks the machine until it answers as wanted, for as long as a busy test machine may need. */
export async function eventually(machine: DebianMachine, command: string, wanted: RegExp): Promise<string> {
  const end = Date.now() + 60_000;
  for (;;) {
    const { output } = await machine.exec(command);
    if (wanted.test(output)) return output;
    if (Date.now() > end) throw new Error(`${command} never answered ${wanted}, last: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
