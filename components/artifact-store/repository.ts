import { Group } from "@pulumi/aws/autoscaling/group";
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import type { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import type { TargetGroup } from "@pulumi/aws/lb/targetGroup";
import * as pulumi from "@pulumi/pulumi";
import { debianImage, firstBoot, grantSecrets, type MachineDocument, MachineRole } from "../machine";
import type { Doors } from "../shared/doors";
import { makeAlarms } from "./alarms";
import { REPOSITORY_ROOT_GB, REPOSITORY_TYPE, type RepositoryArgs } from "./args";
import { grantShare } from "./grants";
import { shareMount } from "./mounts";
import { machineSecurity, makeBalancer, REPOSITORY_PORT } from "./repository-access";
import { makeUsers, type RepositoryUsers } from "./repository-users";
import { makeShare, type Share } from "./share";

/** Where the machine keeps everything: the share is mounted there. */
export const REPOSITORY_FOLDER = "/srv/content";
/** Who owns its files; the machine's service runs as the same. */
const OWNER = 1500;

export interface Repository {
  /** With the port's own scheme: https where there is a certificate. */
  readonly url: pulumi.Output<string>;
  readonly doors: Doors;
  readonly share: Share;
  readonly users: RepositoryUsers;
  readonly autoScalingGroup: pulumi.Output<string>;
  /** Of its machine, which nobody but its load balancer reaches. */
  readonly machineSecurityGroupId: pulumi.Output<string>;
}

/** Jackrabbit on one machine that is replaced by itself, its files on a share, behind an internal load balancer. */
export function makeRepository(
  name: string,
  args: RepositoryArgs,
  keyArn: pulumi.Output<string>,
  parent: pulumi.Resource,
): Repository {
  const points = { content: { path: "/content", uid: OWNER } };
  const share = makeShare(`${name}-data`, { ...args, mode: "share", accessPoints: points }, keyArn, parent);
  const users = makeUsers(name, args, keyArn, parent);
  const role = new MachineRole(name, { ...(args.tags && { tags: args.tags }) }, { parent });
  args.configuration?.grant(name, role);
  const program = args.artifacts?.grantRead(`${name}-program`, role, "releases/");
  const rights = [
    ...(program ? [program] : []),
    grantShare(`${name}-data-own`, share, role, "readWrite", parent),
    grantSecrets(
      name,
      role,
      [users.reader.secretArn, users.writer.secretArn, ...(args.logs ? [args.logs.secretArn] : [])],
      { parent },
    ),
  ];
  const security = machineSecurity(name, args, share, parent);
  const { doors, targetGroup, loadBalancer } = makeBalancer(name, args, security, parent);
  const group = makeMachine(
    name,
    args,
    { userData: userDataOf(args, share, users), role, security, targetGroup, rights },
    parent,
  );
  makeAlarms(
    name,
    args,
    [
      {
        suffix: "down",
        namespace: "AWS/ApplicationELB",
        metric: "UnHealthyHostCount",
        statistic: "Minimum",
        dimensions: { TargetGroup: targetGroup.arnSuffix, LoadBalancer: loadBalancer.arnSuffix },
        threshold: 0,
        says: "the repository does not answer",
      },
    ],
    parent,
  );
  const scheme = args.certificateArn ? "https" : "http";
  return {
    url: pulumi.interpolate`${scheme}://${loadBalancer.dnsName}`,
    doors,
    share,
    users,
    autoScalingGroup: group.name,
    machineSecurityGroupId: security.id,
  };
}

function userDataOf(args: RepositoryArgs, share: Share, users: RepositoryUsers): pulumi.Output<string> {
  const { bucket, key, sha256, version } = args.program;
  const told: pulumi.Input<Pick<MachineDocument, "configuration" | "settings">> =
    args.configuration?.document() ?? {};
  const settings = pulumi
    .all([
      share.fileSystem.id,
      share.accessPoints.content!,
      users.reader.secretArn,
      users.writer.secretArn,
    ] as const)
    .apply(([fileSystem, accessPoint, reader, writer]) => ({
      "profile::mounts::mounts": { [REPOSITORY_FOLDER]: shareMount(fileSystem, accessPoint) },
      "profile::content_repository::reader_secret": reader,
      "profile::content_repository::writer_secret": writer,
    }));
  const all = pulumi.all([pulumi.all([bucket, key]), told, settings, pulumi.output(args.logs)]);
  return all.apply(([[from, named], more, own, logs]) => {
    const artifact = { bucket: from, key: named, sha256 };
    const application = {
      name: "repository",
      command: "sh ./start.sh",
      port: REPOSITORY_PORT,
      environment: {},
      artifact,
    };
    const { environment, region } = args;
    const machine = { environment, role: "content_repository", region, release: version, fleet: "blue" };
    return firstBoot(
      {
        ...machine,
        application,
        ...more,
        settings: { ...more.settings, ...own },
        ...(logs && { logs: { secretArn: logs.secretArn } }),
      },
      { packages: args.packages ?? ["openjdk-17-jre-headless"], files: logs?.files ?? [] },
    );
  });
}

interface MachineSpec {
  readonly userData: pulumi.Output<string>;
  readonly role: MachineRole;
  readonly security: SecurityGroup;
  readonly targetGroup: TargetGroup;
  readonly rights: readonly pulumi.Resource[];
}

/** A group of one. Two at a time would both open the same files, so the next machine comes when the former is gone. */
function makeMachine(name: string, args: RepositoryArgs, spec: MachineSpec, parent: pulumi.Resource): Group {
  const instanceType = args.instanceType ?? REPOSITORY_TYPE;
  const tags = { ...args.tags, Name: name, "retrofit:role": "content_repository" };
  const template = new LaunchTemplate(
    name,
    {
      imageId: debianImage(instanceType, { parent }),
      instanceType,
      userData: spec.userData.apply((text) => Buffer.from(text).toString("base64")),
      iamInstanceProfile: { arn: spec.role.instanceProfileArn },
      vpcSecurityGroupIds: [spec.security.id],
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: {
            volumeSize: REPOSITORY_ROOT_GB,
            volumeType: "gp3",
            encrypted: "true",
            deleteOnTermination: "true",
          },
        },
      ],
      tagSpecifications: ["instance", "volume"].map((resourceType) => ({ resourceType, tags })),
      tags,
    },
    // A newer image of the distribution is no reason to stop a repository.
    { parent, ignoreChanges: ["imageId"] },
  );
  return new Group(
    name,
    {
      launchTemplate: { id: template.id, version: pulumi.interpolate`${template.latestVersion}` },
      minSize: 0,
      maxSize: 1,
      desiredCapacity: 1,
      vpcZoneIdentifiers: args.network.subnetIds.app,
      targetGroupArns: [spec.targetGroup.arn],
      healthCheckType: "ELB",
      healthCheckGracePeriod: 600,
      waitForCapacityTimeout: "0",
      instanceRefresh: { strategy: "Rolling", preferences: { minHealthyPercentage: 0 } },
      tags: Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
    },
    { parent, dependsOn: [...spec.rights], customTimeouts: { delete: "30m" } },
  );
}
