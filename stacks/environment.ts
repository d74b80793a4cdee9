import { join } from "node:path";
import { Provider } from "@pulumi/aws/provider";
import * as pulumi from "@pulumi/pulumi";
import { ArtifactStore, type StoredArtifact } from "../components/artifact-store";
import { firstBoot, MachineRole } from "../components/machine";
import { Network } from "../components/network";
import { AutoscalingWebTier, fleetLabel, type WebRelease } from "../components/web-tier";
import { packArtifactSync } from "./artifact";
import type { EnvironmentConfig, ReleaseConfig } from "./config/types";

/**
 * One environment, as its diagram reads:
 *
 *     clients ──80/443──▶ load balancer ──▶ live fleet ─────┐
 *     testers ──8443────▶      │        └0▶ standby fleet ──┤ read ──▶ artifact store
 *                       public subnets        app subnets   └──▶ AWS, package mirrors
 */
export function environment(config: EnvironmentConfig, projectRoot: string) {
  const tags = {
    "retrofit:environment": config.environment,
    "retrofit:application": config.application.name,
  };
  // One provider of the environment's own, so that every resource carries the tags, whatever makes it.
  const provider = new Provider("aws", {
    region: config.region as Provider["region"] & string,
    defaultTags: { tags },
  });
  const opts = { providers: { aws: provider } };

  const network = new Network("network", { ...config.network, cidr: config.network.cidr }, opts);
  const artifacts = new ArtifactStore("artifacts", { forceDestroy: !config.protected }, opts);
  const role = new MachineRole("web", {}, opts);
  artifacts.grantRead("web", role, "releases/");

  const release = (wanted: ReleaseConfig | undefined) =>
    wanted && webRelease(config, wanted, storedArtifact(config, wanted, artifacts, projectRoot));
  const web = new AutoscalingWebTier(
    "web",
    {
      network,
      live: release(config.live),
      standby: release(config.standby),
      port: config.application.port,
      healthCheck: {
        ...config.web.healthCheck,
        path: config.web.healthCheck.path ?? config.application.healthPath,
      },
      smoke: config.application.smoke,
      capacity: {
        ...config.web.scaling,
        min: config.web.min,
        max: config.web.max,
        schedules: config.web.schedules,
      },
      instanceType: config.web.instanceType,
      volumeSizeGb: config.web.volumeSizeGb,
      instanceProfileArn: role.instanceProfileArn,
      certificateArn: config.web.certificateArn,
      clients: config.web.clients,
      testers: config.web.testers,
      testPort: config.web.testPort,
      deregistrationDelaySeconds: config.web.deregistrationDelaySeconds,
      shift: config.shift,
      protected: config.protected,
    },
    opts,
  );

  return {
    url: web.url,
    testUrl: web.testUrl,
    live: config.live ? { version: config.live.version } : null,
    standby: config.standby ? { version: config.standby.version } : null,
    artifactBucket: artifacts.bucketName,
    fleets: web.fleets,
    listenerArn: web.listenerArn,
    testListenerArn: web.testListenerArn,
    loadBalancerArn: web.loadBalancerArn,
    vpcId: network.vpcId,
  };
}

/** Where machines fetch a release: published before, or packed from a folder and uploaded by this update. */
function storedArtifact(
  config: EnvironmentConfig,
  release: ReleaseConfig,
  store: ArtifactStore,
  projectRoot: string,
): StoredArtifact {
  const published = /^s3:\/\/([^/]+)\/(.+)$/.exec(release.artifact);
  if (published) return { bucket: published[1]!, key: published[2]!, sha256: release.sha256! };
  const { file, sha256 } = packArtifactSync(join(projectRoot, release.artifact));
  const key = `releases/${config.application.name}/${release.version}/${sha256}.tar.gz`;
  return store.upload(`${release.version}-${sha256.slice(0, 8)}`, { key, file, sha256 });
}

function webRelease(config: EnvironmentConfig, release: ReleaseConfig, artifact: StoredArtifact): WebRelease {
  const label = fleetLabel(release.version);
  const userData = pulumi.all([artifact.bucket, artifact.key]).apply(([bucket, key]) =>
    firstBoot(
      {
        environment: config.environment,
        role: "web",
        region: config.region,
        release: release.version,
        fleet: label,
        application: {
          name: config.application.name,
          command: config.application.command,
          port: config.application.port,
          environment: config.application.environment,
          artifact: { bucket, key, sha256: artifact.sha256 },
        },
      },
      { packages: config.application.packages },
    ),
  );
  return { version: release.version, userData, label, ...(release.image ? { imageId: release.image } : {}) };
}
