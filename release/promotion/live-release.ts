import { DescribeLaunchTemplateVersionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { S3Client } from "@aws-sdk/client-s3";
import type { DatabaseChange, EnvironmentConfig } from "../../stacks/config";
import { type RunningEnvironment, readServingState, type ServingState } from "../environment";
import type { Artifact } from "./evidence";

/** The release that an environment runs, as its last update and AWS say it. */
export interface LiveRelease {
  readonly environment: string;
  readonly artifact: Artifact;
  /** Image of its machines. */
  readonly image: string;
  readonly database: DatabaseChange;
  readonly serving: ServingState;
  readonly s3: S3Client;
}

/** Undefined while nothing is live. */
export async function readLiveRelease(
  running: RunningEnvironment,
  { application, region }: Pick<EnvironmentConfig, "application" | "region">,
): Promise<LiveRelease | undefined> {
  const { live, liveArtifact, artifactBucket, fleets } = running.outputs;
  if (live === undefined || liveArtifact === undefined || artifactBucket === undefined) return undefined;
  const template = fleets[live]?.launchTemplate;
  return {
    environment: running.name,
    artifact: {
      bucket: artifactBucket,
      application: application.name,
      version: live,
      sha256: liveArtifact.sha256,
    },
    image: template === undefined ? "" : await imageOf(template, region),
    database: liveArtifact.database ?? "none",
    serving: await readServingState(running),
    s3: new S3Client({ region }),
  };
}

/** A file that names no image means the newest one, which is another one tomorrow; the template says which it was. */
async function imageOf(launchTemplate: string, region: string): Promise<string> {
  const ec2 = new EC2Client({ region });
  const { LaunchTemplateVersions = [] } = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: launchTemplate }),
  );
  const newest = [...LaunchTemplateVersions].sort((a, b) => (b.VersionNumber ?? 0) - (a.VersionNumber ?? 0));
  return newest[0]?.LaunchTemplateData?.ImageId ?? "";
}
