import { S3Client } from "@aws-sdk/client-s3";
import { bringUp, type UpResult } from "../commands/up";
import type { Context } from "../context";
import { openEnvironment } from "../environment";
import { setReleases } from "../environment-file";
import { type Project, replaceFile } from "../project";
import { loadEnvironment, readEnvironmentFile } from "../settings";
import { dropKept, type Kept, putBack } from "./kept";

/**
 * Brings an environment up from nothing with releases that were kept. An artifact of the environment's own bucket needs the
 * bucket first, so the first update is made without releases, and the second with them.
 */
export async function bringBack(
  context: Context,
  project: Project,
  environment: string,
  kept: Kept,
): Promise<UpResult> {
  const file = project.file(environment);
  const named = { live: kept.live?.entry, standby: kept.standby?.entry };
  const write = (releases: typeof named) =>
    replaceFile(file, setReleases(readEnvironmentFile(project, environment).toString("utf8"), releases));
  const twice = kept.live?.archived || kept.standby?.archived;
  write(twice ? { live: undefined, standby: undefined } : named);
  const first = await bringUp(context, project, environment);
  const { application, region } = loadEnvironment(project, environment);
  const { outputs } = await openEnvironment(project, environment);
  const where = {
    s3: new S3Client({ region }),
    application: application.name,
    bucket: outputs.artifactBucket ?? "",
  };
  const back = async (role: keyof Kept) => {
    const release = kept[role];
    return release && (await putBack(project, environment, release, where));
  };
  const releases = { live: await back("live"), standby: await back("standby") };
  write(releases);
  const last = twice ? await bringUp(context, project, environment) : first;
  dropKept(project, environment);
  return last;
}
