import { existsSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { packArtifactSync } from "../components/artifact-store/pack";
import type { DatabaseChange, EnvironmentConfig, ReleaseConfig } from "../stacks/config";
import type { Context } from "./context";
import { wrongUse } from "./errors";
import type { Project } from "./project";
import { isPublished, publishArtifact } from "./publish";

export interface ArtifactOptions {
  artifact?: string;
  sha256?: string;
  image?: string;
  database?: DatabaseChange;
}

/** What stands in the environment's file for a version: where its artifact is, and what it needs to run. */
export async function resolveRelease(
  context: Context,
  project: Project,
  config: EnvironmentConfig,
  bucket: string,
  version: string,
  options: ArtifactOptions,
): Promise<ReleaseConfig> {
  const known = [config.standby, config.live].find((release) => release?.version === version);
  if (known && !options.artifact) return { ...known, ...overrides(options) };
  const artifact = options.artifact ?? defaultArtifact(project, config, version);
  const base: ReleaseConfig = {
    version,
    artifact,
    database: "none",
    ...(config.live?.image ? { image: config.live.image } : {}),
    ...overrides(options),
  };
  if (artifact.startsWith("s3://")) return publishedEntry(base, options);
  return { ...base, ...(await localEntry(context, project, config, bucket, version, artifact)) };
}

function overrides({ image, database }: ArtifactOptions): Partial<ReleaseConfig> {
  return { ...(image ? { image } : {}), ...(database ? { database } : {}) };
}

function publishedEntry(base: ReleaseConfig, { sha256 }: ArtifactOptions): ReleaseConfig {
  if (!sha256 || !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw wrongUse(
      `${base.artifact} is published already, so its SHA-256 has to be given (64 hex digits).`,
      "Add --sha256 with the sum that your build printed.",
    );
  }
  return { ...base, sha256: sha256.toLowerCase() };
}

/**
 * A folder of the project stays a path in the file, so that the environment can be taken down and rebuilt from a
 * checkout alone. Anything else is published and named by its address and sum; so is everything where only published
 * artifacts are allowed.
 */
async function localEntry(
  context: Context,
  project: Project,
  config: EnvironmentConfig,
  bucket: string,
  version: string,
  artifact: string,
): Promise<Pick<ReleaseConfig, "artifact" | "sha256">> {
  const path = resolve(project.folder, artifact);
  const packed = packArtifactSync(path);
  const client = new S3Client({ region: config.region });
  const of = { bucket, application: config.application.name, version };
  const inside = relative(project.folder, path);
  const isInside = !isAbsolute(inside) && inside !== ".." && !inside.startsWith(`..${sep}`);
  if (isInside && !config.protected) {
    await isPublished(client, of, packed);
    context.output.done(`packed ${inside}: SHA-256 ${packed.sha256.slice(0, 12)}…`);
    return { artifact: inside.split(sep).join("/") };
  }
  const address = await publishArtifact(client, of, packed);
  context.output.done(`published ${address}`);
  return { artifact: address, sha256: packed.sha256 };
}

/** The next version is usually beside the live one: `sample/releases/1.0.0` leads to `sample/releases/1.1.0`. */
function defaultArtifact(project: Project, config: EnvironmentConfig, version: string): string {
  const { live } = config;
  const beside =
    live && !live.artifact.startsWith("s3://") && live.artifact.includes(live.version)
      ? live.artifact.replaceAll(live.version, version)
      : undefined;
  if (beside && existsSync(resolve(project.folder, beside))) return beside;
  throw wrongUse(
    `Where is the artifact of ${version}?${beside ? ` There is none at ${beside}.` : ""}`,
    "Name it with --artifact: a folder, a .tar.gz, or s3://bucket/key with --sha256.",
  );
}
