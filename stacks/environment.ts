import { join } from "node:path";
import { Provider } from "@pulumi/aws/provider";
import * as pulumi from "@pulumi/pulumi";
import { ArtifactStore, type StoredArtifact } from "../components/artifact-store";
import { packArtifactSync } from "../components/artifact-store/pack";
import { CostBudget } from "../components/budget";
import { SystemLinks } from "../components/links";
import {
  firstBoot,
  grantSecrets,
  MachineConfiguration,
  type MachineDocument,
  MachineImage,
  MachineRole,
  withMounts,
} from "../components/machine";
import { Network, SiteToSiteVpn } from "../components/network";
import { AutoscalingWebTier, fleetLabel, type WebRelease } from "../components/web-tier";
import type { BudgetConfig, EnvironmentConfig, ReleaseConfig } from "./config/types";
import { databaseGate, gatedRelease } from "./database-gate";
import { makeContainers } from "./docker";
import {
  fileMounts,
  fileOutputs,
  fileVariables,
  grantFileStores,
  makeFileStores,
  openFileStores,
} from "./file-stores";
import { linkArgs, linkedNetworks, linkVariables } from "./links";
import { releaseWatch } from "./log-gate";
import { logShipping, machinesSecret } from "./log-shipping";
import { type Logs, logOutputs, makeLogs } from "./logs";
import { configurationFolder, machineDocument, machineMistakes, machineRoles } from "./machines";
import {
  makeStores,
  openStores,
  storeOutputs,
  storeSecretArns,
  storeSecrets,
  storeVariables,
} from "./stores";
import { ownTags } from "./tags";
import { joinedNetworks, vpnArgs } from "./vpn";

/**
 * One environment, as its diagram reads:
 *
 *     clients ──80/443──▶ load balancer ──▶ live fleet ─────┐
 *     testers ──8443────▶      │        └0▶ standby fleet ──┤ read ──▶ artifact store
 *                       public subnets        app subnets   ├──▶ AWS, package mirrors
 *                                                           └──▶ database, sessions (data subnets)
 *     office ──IPSec────▶ VPN gateway ───────────▶ what retrofit:vpn allows
 */
export function environment(config: EnvironmentConfig, projectRoot: string) {
  const mistakes = machineMistakes(config, projectRoot);
  if (mistakes) throw new pulumi.RunError(mistakes);
  const tags = ownTags(config);
  // One provider of the environment's own, so that every resource carries the tags, whatever makes it.
  const provider = new Provider("aws", {
    region: config.region as Provider["region"] & string,
    defaultTags: { tags },
  });
  const boundary = config.permissionsBoundary;
  const opts: pulumi.ComponentResourceOptions = {
    providers: { aws: provider },
    ...(boundary !== undefined && { transformations: [boundRoles(boundary)] }),
  };

  const network = new Network(
    "network",
    {
      ...config.network,
      cidr: config.network.cidr,
      privateNetworks: [...joinedNetworks(config.vpn), ...linkedNetworks(config)],
    },
    opts,
  );
  const { objectLockDays } = config.artifacts;
  // By the size: the log of a store that is no longer protected has to be there still, to be allowed to go with it.
  const artifacts = new ArtifactStore(
    "artifacts",
    {
      protected: config.protected,
      accessLogs: config.size === "full",
      ...(objectLockDays > 0 && { objectLock: { days: objectLockDays } }),
    },
    opts,
  );
  const role = new MachineRole("web", {}, opts);
  artifacts.grantRead("web", role, "releases/");
  const configuration = machineConfiguration(config, artifacts, projectRoot, opts);
  configuration?.grant("web", role);

  const stores = makeStores(config, network, opts);
  const puppet = config.machines.tool === "puppet" ? configuration : undefined;
  const logs = makeLogs(config, { network, artifacts, configuration: puppet }, opts);
  const links = config.links && new SystemLinks("links", { network, links: linkArgs(config), tags }, opts);
  const artifactOf = (wanted: ReleaseConfig, name = config.application.name) =>
    storedArtifact(name, wanted, artifacts, projectRoot);
  const stored = (program: ReleaseConfig) => artifactOf(program, "repository");
  const files = makeFileStores(config, { network, configuration, artifacts, logs, stored }, opts);
  const shared: Shared = {
    variables: { ...storeVariables(stores), ...fileVariables(files), ...linkVariables(links) },
    secrets: storeSecrets(stores),
    mounts: fileMounts(files),
    logs,
  };
  // Before any machine starts: what it reads first are its secrets.
  const secretArns = [...storeSecretArns(stores), ...(logs ? [machinesSecret(logs)] : [])];
  const grants = secretArns.length > 0 ? [grantSecrets("web", role, secretArns, { provider })] : [];
  const granted = [...grants, ...grantFileStores(files, "web", role)].map(({ id }) => id);
  const instanceProfileArn = pulumi.all([role.instanceProfileArn, ...granted]).apply(([arn]) => arn!);

  const release = (wanted: ReleaseConfig | undefined) =>
    wanted && webRelease(config, wanted, artifactOf(wanted), configuration, shared);

  const gate =
    stores.database && databaseGate(config, { network, database: stores.database, artifacts }, opts);
  const liveArtifact = config.live && artifactOf(config.live);
  const live = config.live && webRelease(config, config.live, liveArtifact!, configuration, shared);
  const gated = gate && config.live && gatedRelease(config, config.live, liveArtifact!, projectRoot);
  if (gated) gate.preview(gated);
  // The release to go back to stays in the store, although no machine of it waits.
  if (config.deployment === "inPlace") release(config.standby);
  const web = new AutoscalingWebTier(
    "web",
    {
      network,
      live,
      standby: config.deployment === "inPlace" ? undefined : release(config.standby),
      deployment: config.deployment,
      ...(config.keep.standby === "warm" ? { standbyMachines: config.keep.machines } : {}),
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
      instanceProfileArn,
      certificateArn: config.web.certificateArn,
      clients: config.web.clients,
      testers: config.web.testers,
      testPort: config.web.testPort,
      deregistrationDelaySeconds: config.web.deregistrationDelaySeconds,
      shift: { ...config.shift, ...(logs && config.live && releaseWatch(config, logs, config.live.version)) },
      ...(gated ? { releaseGate: gate.hooksFor(gated) } : {}),
      protected: config.protected,
      tags,
    },
    opts,
  );

  const docker = makeContainers(
    config,
    {
      network,
      artifacts,
      configuration: puppet,
      files,
      logs,
      projectRoot,
      loadBalancer: {
        listenerArn: web.listenerArn,
        securityGroupId: web.loadBalancerSecurityGroupId,
      },
    },
    opts,
  );
  const image =
    configuration &&
    config.machines.bake &&
    bakedImage(config, configuration, { network, securityGroupId: web.machineSecurityGroupId, tags }, opts);
  openStores(stores, "web", web.machineSecurityGroupId);
  links?.allowFrom("web", web.machineSecurityGroupId);
  logs?.stack?.allowFrom("web", web.machineSecurityGroupId);
  openFileStores(files, "web", web.machineSecurityGroupId);
  const budget = config.budget && makeBudget(config.budget, config.environment, opts);

  const vpn =
    config.vpn &&
    new SiteToSiteVpn(
      "vpn",
      { network, ...vpnArgs(config, config.vpn, { machines: web.machineSecurityGroupId }) },
      opts,
    );

  return {
    url: web.url,
    testUrl: web.testUrl,
    live: config.live ? liveOutput(config.live, liveArtifact!) : null,
    standby: config.standby ? { version: config.standby.version } : null,
    artifactBucket: artifacts.bucketName,
    protected: config.protected,
    fleets: web.fleets,
    deployment: config.deployment,
    alarms: web.alarmNames,
    listenerArn: web.listenerArn,
    testListenerArn: web.testListenerArn,
    loadBalancerArn: web.loadBalancerArn,
    vpcId: network.vpcId,
    ...storeOutputs(stores),
    ...logOutputs(logs, artifacts),
    ...fileOutputs(files),
    vpn: vpn ? vpn.summary : null,
    ...(links && { links: links.ends }),
    ...(docker && { docker }),
    ...(image && { imagePipelineArn: image.pipelineArn }),
    ...(gate && { databaseGate: gate.output }),
    ...(config.expires !== undefined && { expires: config.expires }),
    ...(budget?.topicArn && { budgetTopicArn: budget.topicArn }),
  };
}

/** Enough to carry the release on to the next environment. */
function liveOutput({ version, database }: ReleaseConfig, { bucket, key, sha256 }: StoredArtifact) {
  return { version, artifact: pulumi.interpolate`s3://${bucket}/${key}`, sha256, database };
}

/** Every role, whatever component makes it. */
function boundRoles(permissionsBoundary: string): pulumi.ResourceTransformation {
  return ({ type, props, opts }) =>
    type === "aws:iam/role:Role" ? { props: { ...props, permissionsBoundary }, opts } : undefined;
}

function makeBudget(
  { monthly, currency, alertAt, emails, topic }: BudgetConfig,
  environment: string,
  opts: pulumi.ComponentResourceOptions,
): CostBudget {
  const tag = { key: "retrofit:environment", value: environment };
  const told = topic === undefined ? {} : { topicArn: topic };
  return new CostBudget("budget", { monthly, currency, tag, alertAt, emails, ...told }, opts);
}

/** Bakes where the machines are, with their type, rights to the outside and packages. */
function bakedImage(
  { web, application }: EnvironmentConfig,
  configuration: MachineConfiguration,
  at: { network: Network; securityGroupId: pulumi.Input<string>; tags: Record<string, string> },
  opts: pulumi.ComponentResourceOptions,
): MachineImage {
  const { network, securityGroupId, tags } = at;
  return new MachineImage(
    "web",
    {
      configuration,
      role: "web",
      instanceType: web.instanceType,
      subnetId: network.subnetIds.app.apply((ids) => ids[0]!),
      securityGroupId,
      packages: application.packages,
      volumeSizeGb: web.volumeSizeGb,
      tags,
    },
    opts,
  );
}

/** Where machines fetch a release: published before, or packed from a folder and uploaded by this update. */
function storedArtifact(
  application: string,
  release: ReleaseConfig,
  store: ArtifactStore,
  projectRoot: string,
): StoredArtifact {
  const published = /^s3:\/\/([^/]+)\/(.+)$/.exec(release.artifact);
  if (published) return { bucket: published[1]!, key: published[2]!, sha256: release.sha256! };
  const { file, sha256 } = packArtifactSync(join(projectRoot, release.artifact));
  const key = `releases/${application}/${release.version}/${sha256}.tar.gz`;
  return store.upload(`${release.version}-${sha256.slice(0, 8)}`, { key, file, sha256 });
}

function machineConfiguration(
  config: EnvironmentConfig,
  store: ArtifactStore,
  projectRoot: string,
  opts: pulumi.ComponentResourceOptions,
): MachineConfiguration | undefined {
  const { environment, machines, protected: kept } = config;
  const { tool, settings } = machines;
  if (tool === "none") return undefined;
  const roles = machineRoles(config);
  const folder = configurationFolder(machines, projectRoot);
  return new MachineConfiguration(
    "machines",
    { folder, tool, store, roles, environment, settings, logRetentionDays: kept ? 90 : 7 },
    opts,
  );
}

/** What machines are told of the stores: where things are, and under which secret the rest is. */
interface Shared {
  readonly variables: Record<string, pulumi.Input<string>>;
  readonly secrets: ReturnType<typeof storeSecrets>;
  readonly mounts: ReturnType<typeof fileMounts>;
  readonly logs: Logs | undefined;
}

function webRelease(
  config: EnvironmentConfig,
  release: ReleaseConfig,
  artifact: StoredArtifact,
  configuration: MachineConfiguration | undefined,
  shared: Shared,
): WebRelease {
  const place = pulumi.all([artifact.bucket, artifact.key]);
  const told: pulumi.Input<Pick<MachineDocument, "configuration" | "settings">> =
    configuration?.document() ?? {};
  const { variables, secrets, mounts, logs } = shared;
  const stores = pulumi.all([pulumi.output(variables), pulumi.output(secrets), mounts]);
  const shipping = logs && logShipping(config, logs);
  const all = pulumi.all([place, told, stores, pulumi.output(shipping?.secretArn)]);
  const document = all.apply(([[bucket, key], known, near, logSecretArn]): MachineDocument => {
    const [variables, secrets, folders] = near;
    const more = known.configuration ? withMounts(known, folders) : known;
    const stored = { bucket, key, sha256: artifact.sha256 };
    const plain = machineDocument(config, "web", release.version, stored, more);
    const application = {
      ...plain.application,
      environment: { ...variables, ...config.application.environment },
      ...(Object.keys(secrets).length > 0 ? { secrets } : {}),
    };
    return { ...plain, application, ...(logSecretArn && { logs: { secretArn: logSecretArn } }) };
  });
  const userData = pulumi
    .all([document, pulumi.output(shipping?.files ?? [])])
    .apply(([wanted, files]) => firstBoot(wanted, { packages: config.application.packages, files }));
  return {
    version: release.version,
    userData,
    document,
    label: fleetLabel(release.version),
    ...(release.image ? { imageId: release.image } : {}),
  };
}
