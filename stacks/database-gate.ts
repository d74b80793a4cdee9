import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as pulumi from "@pulumi/pulumi";
import type { StoredArtifact } from "../components/artifact-store";
import { packArtifactSync } from "../components/artifact-store/pack";
import {
  DatabaseGate,
  type DatabaseGateArgs,
  type GatedRelease,
  migrationsOfFile,
} from "../components/database/gate";
import type { MigrationSet } from "../components/database/migrations";
import type { EnvironmentConfig, ReleaseConfig } from "./config/types";
import { ownTags } from "./tags";

/** The gate of an environment's database, as its file sets it. */
export function databaseGate(
  config: EnvironmentConfig,
  around: Pick<DatabaseGateArgs, "network" | "database" | "artifacts">,
  opts: pulumi.ComponentResourceOptions,
): DatabaseGate {
  const { folder, baseline, table, instanceType } = config.migrations ?? {};
  return new DatabaseGate(
    "database-gate",
    {
      ...around,
      environment: config.environment,
      region: config.region,
      migrator: { ...(baseline ? { baseline } : {}), ...(table ? { table } : {}) },
      ...(folder ? { folder } : {}),
      ...(instanceType ? { instanceType } : {}),
      ...(config.maintenance ? { windows: config.maintenance } : {}),
      tags: ownTags(config),
    },
    opts,
  );
}

/** A release for its gate. Its migrations are read from the artifact itself, once. */
export function gatedRelease(
  config: EnvironmentConfig,
  release: ReleaseConfig,
  artifact: StoredArtifact,
  projectRoot: string,
): GatedRelease {
  let read: Promise<MigrationSet> | undefined;
  return {
    version: release.version,
    declared: release.database,
    artifact,
    migrations: () => {
      read ??= releaseMigrations(release, config, projectRoot);
      return read;
    },
  };
}

/** The migrations of a release, from the project's folder or from where it was published. */
export async function releaseMigrations(
  release: ReleaseConfig,
  config: EnvironmentConfig,
  projectRoot: string,
): Promise<MigrationSet> {
  const { folder } = config.migrations ?? {};
  const published = /^s3:\/\/([^/]+)\/(.+)$/.exec(release.artifact);
  if (!published) return migrationsOfFile(packArtifactSync(join(projectRoot, release.artifact)).file, folder);
  const { GetObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({ region: config.region, maxAttempts: 6 });
  const found = await s3.send(new GetObjectCommand({ Bucket: published[1]!, Key: published[2]! }));
  const home = mkdtempSync(join(tmpdir(), "retrofit-release-"));
  try {
    const file = join(home, "artifact.tar.gz");
    await pipeline(found.Body as Readable, createWriteStream(file));
    const { sha256 } = packArtifactSync(file);
    if (sha256 !== release.sha256) {
      throw new pulumi.RunError(
        `${release.artifact} has SHA-256 ${sha256}, the environment names ${release.sha256}.`,
      );
    }
    return migrationsOfFile(file, folder);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
