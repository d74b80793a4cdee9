import { Group } from "@pulumi/aws/autoscaling/group";
import type { Volume } from "@pulumi/aws/ebs/volume";
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import { BucketObjectv2 } from "@pulumi/aws/s3/bucketObjectv2";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import * as pulumi from "@pulumi/pulumi";
import { makeBackup } from "../artifact-store/backup";
import { debianImage, firstBoot, makeDataVolume, withMounts } from "../machine";
import { transformed } from "../shared/transform";
import { makeRole } from "./access";
import { applyHook } from "./apply-hook";
import { type DockerHostArgs, ROOT_GB } from "./args";
import { checkDockerHost } from "./checks";
import { declare } from "./declaration";
import { declarationInForce, HOST_ROLE, hostDocument } from "./host-document";
import { makeRoutes } from "./routes";
import { openShares } from "./shares";

/** Seconds that a host gets to drain before it goes. */
const DRAIN_SECONDS = 300;

/**
 * One or two machines that run containers which were declared here. A change of the containers is brought to the hosts by
 * a command, one host after another, new containers beside the old; a change of the machines replaces them, a new one
 * first where there is no data disk to hand over.
 *
 * @throws ResourceError listing everything wrong with the arguments.
 */
export class DockerHost extends pulumi.ComponentResource {
  /** Names of the Auto Scaling groups, one per host. */
  public readonly autoScalingGroups: readonly pulumi.Output<string>[];
  /** What a program tells about its hosts. */
  public readonly summary: pulumi.Output<{ autoScalingGroups: string[]; declaration: string }>;
  /** SHA-256 of the declaration in force. */
  public readonly declarationHash: pulumi.Output<string>;
  /** Security group of the hosts. */
  public readonly securityGroupId: pulumi.Output<string>;

  constructor(name: string, args: DockerHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:docker-host:DockerHost", name, {}, opts);
    checkDockerHost(name, args).throwIfAny(this);
    const parent = { parent: this };
    const region = getRegionOutput({}, parent).apply((found) => found.region ?? found.name);
    const security = makeSecurity(name, args, this);
    const routes = makeRoutes(
      name,
      args,
      (_, { host }) =>
        host === undefined
          ? undefined
          : { targetType: "instance", ports: [host, host + 1], securityGroupId: security.id },
      this,
    );
    const prefix = `docker/${name}/`;
    const arns = Object.fromEntries(
      Object.entries(routes).map(([key, { targetGroup }]) => [key, targetGroup.arn]),
    );
    const declaration = declare(args, region, arns);

    const numbers = [...Array(args.hosts ?? 1).keys()];
    const volumes = numbers.map((host) => makeVolume(name, args, host, this));
    const disks = volumes.flatMap((volume) => volume ?? []);
    if (disks.length > 0) backUp(name, args, disks, this);
    const account = getCallerIdentityOutput({}, parent).accountId;
    const role = makeRole(
      name,
      args,
      {
        bucket: args.bucket,
        prefix,
        targetGroupArns: Object.values(arns),
        volumeArns: disks.map(({ id }) => pulumi.interpolate`arn:aws:ec2:${region}:${account}:volume/${id}`),
      },
      this,
    );
    args.configuration.grant(name, role);
    const { mounts, grants } = openShares(name, args.shares ?? {}, role, security.id);
    const profile = pulumi
      .all([role.instanceProfileArn, ...grants.map(({ id }) => id)])
      .apply(([arn]) => arn!);

    const inForce = declarationInForce(name);
    const groups = numbers.map((host) => {
      const userData = pulumi
        .all([
          pulumi.all([region, args.bucket, volumes[host]?.id ?? ""]),
          args.configuration.document(),
          mounts,
          pulumi.output(args.logs),
        ])
        .apply(([[inRegion, bucket, volumeId], configured, folders, logs]) => {
          const { environment } = args.configuration;
          const declaration = `s3://${bucket}/${inForce}`;
          const at = { environment, region: inRegion, host, declaration, volumeId };
          const document = hostDocument(at, withMounts(configured, folders));
          return firstBoot(
            { ...document, ...(logs && { logs: { secretArn: logs.secretArn } }) },
            { packages: [], files: logs?.files ?? [] },
          );
        });
      return makeHost(name, args, { host, userData, role: profile, security }, this);
    });

    // First under its own sum, where the hosts can try it; in its place when every host has become what it says.
    const next = new BucketObjectv2(
      `${name}-next`,
      {
        bucket: args.bucket,
        key: declaration.apply(({ hash }) => `${prefix}${hash}.json`),
        content: declaration.apply(({ text }) => text),
        contentType: "application/json",
      },
      parent,
    );
    const source = pulumi
      .all([args.bucket, next.key, region])
      .apply(([bucket, key, inRegion]) => ({ source: `s3://${bucket}/${key}`, region: inRegion }));
    const hook = applyHook(
      name,
      groups.map((group) => group.name),
      source,
    );
    new BucketObjectv2(
      `${name}-current`,
      {
        bucket: args.bucket,
        key: inForce,
        content: declaration.apply(({ text }) => text),
        contentType: "application/json",
      },
      { ...parent, dependsOn: [next], hooks: { beforeUpdate: [hook] } },
    );

    this.autoScalingGroups = groups.map((group) => group.name);
    this.declarationHash = declaration.apply(({ hash }) => hash);
    this.securityGroupId = security.id;
    this.summary = pulumi
      .all([pulumi.all([...this.autoScalingGroups]), this.declarationHash])
      .apply(([autoScalingGroups, declaration]) => ({ autoScalingGroups, declaration }));
    this.registerOutputs({
      autoScalingGroups: this.autoScalingGroups,
      declarationHash: this.declarationHash,
      securityGroupId: this.securityGroupId,
    });
  }
}

/** Nothing comes in but what `makeRoutes` lets in; out by HTTP(S), for images, packages and AWS. */
function makeSecurity(name: string, args: DockerHostArgs, parent: pulumi.Resource): SecurityGroup {
  const group = new SecurityGroup(
    name,
    {
      vpcId: args.network.vpcId,
      description: `Docker hosts of ${name}`,
      tags: { ...args.tags, Name: name },
    },
    { parent },
  );
  for (const port of [80, 443]) {
    new SecurityGroupEgressRule(
      `${name}-out-${port}`,
      {
        securityGroupId: group.id,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        cidrIpv4: "0.0.0.0/0",
        description: port === 80 ? "package mirrors" : "AWS, registries and package mirrors",
      },
      { parent },
    );
  }
  return group;
}

function subnetOf(args: DockerHostArgs, host: number): pulumi.Output<string> {
  // Two hosts in two zones, where the network has as many.
  return args.network.subnetIds.app.apply((ids) => ids[host % ids.length]!);
}

/** A disk stays in its zone, and one of two hosts in its own; a host that is alone may come back anywhere. */
function subnetsOf(args: DockerHostArgs, host: number): pulumi.Input<string[]> {
  const free = args.diskSizeGb === undefined && (args.hosts ?? 1) === 1;
  return free ? args.network.subnetIds.app : subnetOf(args, host).apply((id) => [id]);
}

function makeVolume(
  name: string,
  args: DockerHostArgs,
  host: number,
  parent: pulumi.Resource,
): Volume | undefined {
  if (args.diskSizeGb === undefined) return undefined;
  return makeDataVolume(
    `${name}-${host}-data`,
    {
      subnetId: subnetOf(args, host),
      sizeGb: args.diskSizeGb,
      kept: args.protected ?? false,
      tags: { ...args.tags, "retrofit:docker-host": name },
    },
    parent,
  );
}

/** Each day, in a vault that outlives the hosts where they are protected. */
function backUp(name: string, args: DockerHostArgs, disks: readonly Volume[], parent: pulumi.Resource): void {
  const { protected: kept = false, diskBackupDays, tags } = args;
  makeBackup(
    `${name}-data`,
    { protected: kept, ...(diskBackupDays && { backupDays: diskBackupDays }), ...(tags && { tags }) },
    { kind: "disk", arns: disks.map(({ arn }) => arn) },
    parent,
  );
}

interface HostSpec {
  readonly host: number;
  readonly userData: pulumi.Output<string>;
  readonly role: pulumi.Output<string>;
  readonly security: SecurityGroup;
}

/** A group of one, so that a machine that is lost is replaced. */
function makeHost(name: string, args: DockerHostArgs, spec: HostSpec, parent: pulumi.Resource): Group {
  const child = `${name}-${spec.host}`;
  const tags = { ...args.tags, Name: child, "retrofit:docker-host": name, "retrofit:role": HOST_ROLE };
  const template = new LaunchTemplate(
    ...transformed(
      args.transform?.launchTemplate,
      child,
      {
        imageId: args.imageId ?? debianImage(args.instanceType, { parent }),
        instanceType: args.instanceType,
        userData: spec.userData.apply((text) => Buffer.from(text).toString("base64")),
        iamInstanceProfile: { arn: spec.role },
        vpcSecurityGroupIds: [spec.security.id, ...(args.securityGroupIds ?? [])],
        metadataOptions: {
          httpEndpoint: "enabled",
          httpTokens: "required",
          // One hop: containers do not reach the host's credentials.
          httpPutResponseHopLimit: 1,
          instanceMetadataTags: "enabled",
        },
        blockDeviceMappings: [
          {
            deviceName: "/dev/xvda",
            ebs: {
              volumeSize: args.volumeSizeGb ?? ROOT_GB,
              volumeType: "gp3",
              encrypted: "true",
              deleteOnTermination: "true",
            },
          },
        ],
        monitoring: { enabled: true },
        tagSpecifications: ["instance", "volume"].map((resourceType) => ({ resourceType, tags })),
        tags,
      },
      // A newer image of the distribution is no reason to replace a host.
      { parent, ignoreChanges: args.imageId === undefined ? ["imageId"] : [] },
    ),
  );
  // A disk is on one machine at a time, so its host has to go before the next one comes.
  const handsOver = args.diskSizeGb !== undefined;
  return new Group(
    ...transformed(
      args.transform?.group,
      child,
      {
        launchTemplate: { id: template.id, version: pulumi.interpolate`${template.latestVersion}` },
        minSize: handsOver ? 0 : 1,
        maxSize: handsOver ? 1 : 2,
        desiredCapacity: 1,
        vpcZoneIdentifiers: subnetsOf(args, spec.host),
        healthCheckType: "EC2",
        healthCheckGracePeriod: 300,
        waitForCapacityTimeout: "0",
        instanceRefresh: {
          strategy: "Rolling",
          preferences: handsOver
            ? { minHealthyPercentage: 0 }
            : { minHealthyPercentage: 100, maxHealthyPercentage: 200 },
        },
        initialLifecycleHooks: [
          {
            name: "drain",
            lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
            heartbeatTimeout: DRAIN_SECONDS,
            defaultResult: "CONTINUE",
          },
        ],
        tags: Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
      },
      { parent, customTimeouts: { delete: "30m" } },
    ),
  );
}
