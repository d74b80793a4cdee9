/** What a machine of a role would be told at its first boot, and what its role brings in. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packArtifactSync } from "../../components/artifact-store/pack";
import { HOST_ROLE } from "../../components/docker-host";
import { declarationInForce, hostDocument } from "../../components/docker-host/host-document";
import {
  type BootableDocument,
  classesOf,
  configurationProblems,
  firstBoot,
  USER_DATA_LIMIT,
} from "../../components/machine";
import { renderProblems } from "../../components/shared/validation";
import { type DebianRoot, findDebianRoot } from "../../sandbox/debian";
import type { EnvironmentConfig } from "../../stacks/config";
import { configurationFolder, machineDocument, shippedMachines } from "../../stacks/machines";
import type { Context } from "../context";
import { wrongUse } from "../errors";
import { type Catalog, compileCatalogs } from "../machine/catalog";
import { packageRoot } from "../package-root";
import { openProject, type Project } from "../project";
import { loadEnvironment } from "../settings";

/** Stands where only an update of the environment can tell. */
const BUCKET = "the-artifact-bucket-of-the-environment";

/** Reads files only; nothing is asked of AWS. */
export async function machineRender(context: Context, environment: string, role: string): Promise<void> {
  const project = openProject(context.cwd, environment);
  const config = loadEnvironment(project, environment);
  const { settings } = config.machines;
  const { tool, folder } = madeBy(config, role, project);
  if (tool !== "none") {
    const problems = configurationProblems({ folder, tool, roles: [role], environment, settings });
    if (problems.length > 0)
      throw wrongUse(renderProblems(`The configuration of machines in ${folder}`, problems));
  }
  const packed = tool === "none" ? undefined : packArtifactSync(folder);
  const configuration = packed &&
    tool !== "none" && {
      tool,
      bucket: BUCKET,
      key: `configurations/${packed.sha256}.tar.gz`,
      sha256: packed.sha256,
      logGroup: "the-log-group-of-the-environment",
    };
  const told = {
    ...(configuration && { configuration }),
    ...(Object.keys(settings).length > 0 && { settings }),
  };
  const document =
    role === HOST_ROLE && configuration
      ? hostOf(config, { ...told, configuration })
      : machineDocument(
          config,
          role,
          config.live?.version ?? "0.0.0",
          artifactOf(config.live, project.folder),
          told,
        );
  const packages = role === HOST_ROLE ? [] : config.application.packages;
  const userData = firstBoot(document, { packages });
  const bytes = Buffer.byteLength(userData);
  const catalog = tool === "puppet" ? await compiled(folder, document) : undefined;
  const classes = catalog?.classes ?? (tool === "puppet" ? classesOf(folder, role) : []);
  const { output } = context;
  output.line(userData.trimEnd());
  output.line();
  if (packed) output.line(`configuration  ${tool}, ${packed.sha256.slice(0, 12)}, from ${folder}`);
  if (catalog) {
    const { resources, packages, files, units } = catalog;
    output.line(
      `catalog        ${resources} resources: ${packages.length} packages, ${Object.keys(files).length} files, ${Object.keys(units).length} units`,
    );
    output.line(`packages       ${packages.join(", ")}`);
  }
  if (classes.length > 0) output.line(`classes        ${classes.join(", ")}`);
  if (tool === "puppet" && !catalog) {
    output.line(
      "               as the manifests include them: there is no Puppet here to compile the catalog with",
    );
  }
  output.line(`user data      ${bytes} bytes, ${USER_DATA_LIMIT - bytes} of ${USER_DATA_LIMIT} free`);
  const missing = onlyAnUpdateTells(config, role);
  if (missing) output.line(`not in it      ${missing}: only an update can tell`);
  output.result({
    environment,
    role,
    tool,
    configuration: packed?.sha256 ?? null,
    classes,
    catalog: catalog ? summaryOf(catalog) : null,
    bytes,
    userData,
  });
}

/** Hosts are Puppet's, whatever the others are made by. */
function madeBy({ machines }: EnvironmentConfig, role: string, project: Project) {
  if (role === HOST_ROLE && machines.tool !== "puppet")
    return { tool: "puppet" as const, folder: shippedMachines() };
  return { tool: machines.tool, folder: configurationFolder(machines, project.folder) };
}

function hostOf(
  { environment, region, docker }: EnvironmentConfig,
  told: Parameters<typeof hostDocument>[1],
): BootableDocument {
  const declaration = `s3://${BUCKET}/${declarationInForce("docker")}`;
  const volumeId = docker?.diskSizeGb === undefined ? "" : "the-data-disk-of-the-host";
  return hostDocument({ environment, region, host: 0, declaration, volumeId }, told);
}

function onlyAnUpdateTells(config: EnvironmentConfig, role: string): string | undefined {
  if (role === "content_repository" || role === "log_store") {
    return "what its component tells it in settings, in place of an application";
  }
  const web =
    role === HOST_ROLE ? [] : [config.database && "the database", config.sessions && "the sessions"];
  const parts = [...web, config.files.length > 0 && "mounted stores", config.logs && "the log forwarder"];
  return parts.filter(Boolean).join(", ") || undefined;
}

function artifactOf(live: { artifact: string; sha256?: string } | undefined, projectFolder: string) {
  const published = /^s3:\/\/([^/]+)\/(.+)$/.exec(live?.artifact ?? "");
  if (published) return { bucket: published[1]!, key: published[2]!, sha256: live?.sha256 ?? "" };
  const sha256 = live ? packArtifactSync(join(projectFolder, live.artifact)).sha256 : "0".repeat(64);
  return { bucket: BUCKET, key: `releases/${sha256}.tar.gz`, sha256 };
}

/** By the Puppet of the Debian root, where one was made, or by that of this machine; undefined where there is neither. */
async function compiled(folder: string, document: BootableDocument): Promise<Catalog | undefined> {
  const root = await findDebianRoot();
  const entries = { it: { document } };
  const catalog = (root && compiledIn(root, folder, entries)) ?? compiledHere(folder, entries);
  if (catalog?.error !== undefined) throw wrongUse(`The catalog does not compile: ${catalog.error}`);
  return catalog;
}

function compiledIn(root: DebianRoot, folder: string, entries: Parameters<typeof compileCatalogs>[2]) {
  try {
    return compileCatalogs(root, folder, entries).it;
  } catch {
    // Such as in a container that may mount nothing.
    return undefined;
  }
}

function compiledHere(folder: string, entries: object): Catalog | undefined {
  const scratch = mkdtempSync(join(tmpdir(), "retrofit-compile-"));
  try {
    // Puppet takes the folder's name for one of its own environments, which may have no hyphen.
    symlinkSync(folder, join(scratch, "configuration"));
    const documents = join(scratch, "documents.json");
    writeFileSync(documents, JSON.stringify(entries));
    const program = join(packageRoot(), "release", "machine", "catalog.rb");
    const output = execFileSync("ruby", [program, join(scratch, "configuration"), documents], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return (JSON.parse(output.trim().split("\n").at(-1)!) as { it: Catalog }).it;
  } catch {
    return undefined;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function summaryOf({ resources, packages, files, units }: Catalog) {
  return { resources, packages, files: Object.keys(files).length, units: Object.keys(units).sort() };
}
