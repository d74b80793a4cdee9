/**
 * What an environment's own bucket holds of its releases, kept beside the project while the environment is taken down:
 * artifacts and their evidence. It stays until the environment is up again, so that a rebuild that was killed goes on.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { EnvironmentConfig, ReleaseConfig } from "../../stacks/config";
import { failed } from "../errors";
import type { Project } from "../project";
import { type Evidence, fetchArtifact, keepEvidence, readEvidence } from "../promotion/evidence";
import type { LiveRelease } from "../promotion/live-release";
import { publishArtifact } from "../publish";

export interface KeptRelease {
  entry: ReleaseConfig;
  /** Undefined where it is a folder of the project and nothing has to be kept but what it has shown. */
  sha256?: string;
  archived: boolean;
  evidence: Evidence[];
}

export interface Kept {
  live?: KeptRelease;
  standby?: KeptRelease;
}

const folderOf = (project: Project, environment: string): string =>
  join(project.folder, ".retrofit", "kept", environment);

const listOf = (project: Project, environment: string): string =>
  join(folderOf(project, environment), "kept.json");

const archiveOf = (project: Project, environment: string, sha256: string): string =>
  join(folderOf(project, environment), `${sha256}.tar.gz`);

/** What an earlier rebuild kept and did not put back. */
export function readKept(project: Project, environment: string): Kept | undefined {
  const file = listOf(project, environment);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Kept) : undefined;
}

export function dropKept(project: Project, environment: string): void {
  rmSync(folderOf(project, environment), { recursive: true, force: true });
}

/** @param into The environment that the releases are kept for: another one, where it is made from this one. */
export async function keepReleases(
  project: Project,
  { live: liveEntry, standby: standbyEntry }: Pick<EnvironmentConfig, "live" | "standby">,
  live: LiveRelease | undefined,
  into: string,
): Promise<Kept> {
  const keep = async (entry: ReleaseConfig | undefined, sha256: string | undefined) =>
    entry && (live ? await keepRelease(project, entry, sha256, live, into) : asItStands(entry));
  const kept: Kept = {
    live: await keep(liveEntry, liveEntry?.sha256 ?? live?.artifact.sha256),
    standby: await keep(standbyEntry, standbyEntry?.sha256),
  };
  const list = listOf(project, into);
  mkdirSync(dirname(list), { recursive: true });
  writeFileSync(list, JSON.stringify(kept, null, 2));
  return kept;
}

const asItStands = (entry: ReleaseConfig): KeptRelease => ({ entry, archived: false, evidence: [] });

async function keepRelease(
  project: Project,
  entry: ReleaseConfig,
  sha256: string | undefined,
  { artifact, s3 }: LiveRelease,
  into: string,
): Promise<KeptRelease> {
  if (sha256 === undefined) return asItStands(entry);
  const of = { ...artifact, version: entry.version, sha256 };
  const evidence = await readEvidence(s3, of);
  if (!entry.artifact.startsWith(`s3://${artifact.bucket}/`)) {
    return { entry, sha256, archived: false, evidence };
  }
  const content = await fetchArtifact(s3, of);
  if (!content)
    throw failed(
      `The artifact of ${entry.version} is not in ${artifact.bucket}, so it could not be brought back.`,
    );
  const archive = archiveOf(project, into, sha256);
  mkdirSync(dirname(archive), { recursive: true });
  writeFileSync(archive, content);
  return { entry, sha256, archived: true, evidence };
}

/** Puts a release into the bucket of the environment as it is now; gives what its file has to say. */
export async function putBack(
  project: Project,
  environment: string,
  { entry, sha256, archived, evidence }: KeptRelease,
  { s3, application, bucket }: { s3: LiveRelease["s3"]; application: string; bucket: string },
): Promise<ReleaseConfig> {
  if (sha256 === undefined) return entry;
  const of = { bucket, application, version: entry.version, sha256 };
  const artifact = archived
    ? await publishArtifact(s3, of, { file: archiveOf(project, environment, sha256), sha256 })
    : entry.artifact;
  for (const item of evidence) await keepEvidence(s3, of, item);
  return { ...entry, artifact, ...(archived && { sha256 }) };
}
