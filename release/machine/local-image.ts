/** A role as a container image: a Debian root on which the role is applied as on any machine, packed for Docker. */
import { join } from "node:path";
import type { Readable } from "node:stream";
import { packArtifactSync } from "../../components/artifact-store/pack";
import type { MachineDescription } from "../../components/machine";
import { configureProgram } from "../../components/machine/configure-program";
import { bootPackages } from "../../components/machine/first-boot";
import {
  archiveOf,
  DebianMachine,
  type DebianRoot,
  ensureDebianRoot,
  ensureRepository,
  type KeptLayer,
  rootSources,
} from "../../sandbox/debian";
import type { Progress } from "../../sandbox/progress";
import { shortHash } from "../../sandbox/toolchain/store";
import type { EnvironmentConfig } from "../../stacks/config";
import { failed, wrongUse } from "../errors";
import { compileCatalogs } from "./catalog";
import { docker, dockerOutput } from "./docker-client";

/** Where the application's source is in the container. */
export const SOURCE = "/srv/source";
/** What an image was made of, so that one that is there already is not made again. */
const INPUTS_LABEL = "retrofit.inputs";
export const ROLE_LABEL = "retrofit.role";

export interface LocalRole {
  readonly role: string;
  readonly config: EnvironmentConfig;
  /** Folder of the configuration, which is Puppet's. */
  readonly folder: string;
}

export interface LocalImage {
  /** `retrofit-web:dev` */
  readonly name: string;
  readonly built: boolean;
  /** Whether it starts the application. Without, a container of it only waits. */
  readonly application: boolean;
}

export function imageName(role: string, environment: string): string {
  return `retrofit-${role}:${environment}`;
}

/** Makes the image where there is none of these inputs. `fresh` also downloads the packages anew. */
export async function ensureLocalImage(
  wanted: LocalRole,
  { fresh, progress }: { fresh: boolean; progress: Progress },
): Promise<LocalImage> {
  const { role, config, folder } = wanted;
  const root = await ensureDebianRoot(progress);
  const document = documentOf(wanted);
  const catalog = compileCatalogs(root, folder, { it: { document } }).it!;
  if (catalog.error) {
    throw wrongUse(
      `The role ${role} does not compile: ${catalog.error}`,
      `Correct it in ${folder}, or give what is missing in retrofit:machines.settings.`,
    );
  }
  const name = imageName(role, config.environment);
  const application = ["profile::artifact", "profile::migration"].some((one) =>
    catalog.classes.includes(one),
  );
  const packages = [...new Set([...catalog.packages, ...config.application.packages])];
  const changes = imageSettings(wanted, application);
  const inputs = shortHash(root.name, ...packages, JSON.stringify(document), ...changes);
  if (!fresh && (await labelOf(name, INPUTS_LABEL)) === inputs) return { name, built: false, application };
  const repository = await ensureRepository(root, packages, progress, { fresh });
  const layer = await appliedLayer(wanted, document, root, repository);
  try {
    const labels = [`LABEL ${ROLE_LABEL}=${role}`, `LABEL ${INPUTS_LABEL}=${inputs}`];
    await importImage(name, [...changes, ...labels], archiveOf(root, layer.folder).stdout!);
  } finally {
    layer.remove();
  }
  return { name, built: true, application };
}

/** As on the machine that an image of EC2's is baked on, but for what only AWS has. */
function documentOf({ role, config, folder }: LocalRole) {
  const { sha256 } = packArtifactSync(folder);
  return {
    environment: config.environment,
    role,
    region: config.region,
    configuration: { tool: "puppet", bucket: "local", key: `${sha256}.tar.gz`, sha256 },
    settings: { ...config.machines.settings, "profile::ssm::enabled": false },
    image: true,
  } satisfies MachineDescription;
}

/** Boots a machine that has nothing but the packages, applies the role as an image's bake does, and keeps what it became. */
async function appliedLayer(
  { role, config, folder }: LocalRole,
  document: ReturnType<typeof documentOf>,
  root: DebianRoot,
  repository: string,
): Promise<KeptLayer> {
  const machine = await DebianMachine.start({
    root,
    name: `local-${role.replaceAll("_", "-")}`,
    files: {
      "etc/apt/sources.list": { content: `deb [trusted=yes] file:${BUILD}/packages ./\n` },
      "etc/cloud/cloud.cfg.d/99-local.cfg": { content: CLOUD_INIT },
      "var/lib/cloud/seed/nocloud/meta-data": { content: "instance-id: local\n" },
      "var/lib/cloud/seed/nocloud/user-data": { content: "#cloud-config\n{}\n" },
      "etc/retrofit/machine.json": { content: JSON.stringify(document) },
      "usr/local/sbin/retrofit-configure": { content: configureProgram, mode: 0o755 },
    },
    mounts: {
      [`${BUILD}/packages`]: repository,
      [`${BUILD}/configuration.tar.gz`]: packArtifactSync(folder).file,
    },
  });
  const place = join("/var/lib/retrofit/configuration", document.configuration.sha256.slice(0, 12));
  const script = applyScript(place, config.application.packages, rootSources(root));
  const { code, output } = await machine.exec(script, { timeoutSeconds: 900 });
  if (code === 0) return machine.keepLayer();
  await machine.stop();
  throw failed(`The role ${role} could not be applied:\n${output.trim().split("\n").slice(-20).join("\n")}`);
}

/** In memory on the machine, so that it is no part of the image. */
const BUILD = "/run/build";

/** Names nobody, and leaves network and package sources alone. */
const CLOUD_INIT =
  "datasource_list: [NoCloud]\nnetwork: { config: disabled }\napt: { preserve_sources_list: true }\npreserve_hostname: true\n";

function applyScript(place: string, packages: readonly string[], sources: string): string {
  return `set -e
export DEBIAN_FRONTEND=noninteractive
cloud-init status --wait > /dev/null || true
mkdir -p ${place}
tar -C ${place} -xzf ${BUILD}/configuration.tar.gz
apt-get -q update
apt-get -q -y install ${bootPackages("puppet", packages).join(" ")}
retrofit-configure bake
apt-get clean
rm -r /var/lib/cloud/seed /etc/cloud/cloud.cfg.d/99-local.cfg /var/lib/apt/lists
cat > /etc/apt/sources.list <<'RETROFIT'
${sources.trimEnd()}
RETROFIT`;
}

/** How a container of it starts: as the machine's unit starts the application, with the source folder in the release's place. */
function imageSettings({ config }: LocalRole, application: boolean): string[] {
  const { command, port, environment } = config.application;
  // Waiting has nothing to bring to an end.
  if (!application) return ['CMD ["/bin/sleep","infinity"]', "STOPSIGNAL SIGKILL"];
  const variables = {
    ...environment,
    ...{ HOST: "0.0.0.0", PORT: String(port), RELEASE: "local", MACHINE_ID: "local" },
    ENVIRONMENT: config.environment,
  };
  return [
    ...Object.entries(variables).map(([key, value]) => `ENV ${key}=${quoted(value)}`),
    `WORKDIR ${SOURCE}`,
    `EXPOSE ${port}`,
    "USER nobody",
    `CMD ${JSON.stringify(["/bin/sh", "-c", `exec ${command}`])}`,
  ];
}

/** For a Dockerfile, where a dollar begins a variable. */
function quoted(value: string): string {
  return JSON.stringify(value).replaceAll("$", "\\$");
}

async function importImage(name: string, changes: readonly string[], archive: Readable): Promise<void> {
  await dockerOutput(["import", ...changes.flatMap((change) => ["--change", change]), "-", name], archive);
}

/** A label of an image; undefined where there is no such image. */
export async function labelOf(image: string, label: string): Promise<string | undefined> {
  const { code, stdout } = await docker([
    "image",
    "inspect",
    "--format",
    `{{index .Config.Labels "${label}"}}`,
    image,
  ]);
  return code === 0 ? stdout.trim() : undefined;
}
