import { Group } from "@pulumi/aws/autoscaling/group";
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import * as pulumi from "@pulumi/pulumi";
import { debianImage, firstBoot } from "../../machine";
import { transformed } from "../../shared/transform";
import { LOG_STORE_ROLE, LOG_STORE_ROOT_GB, LOG_STORE_TYPE, type SelfHostedStoreArgs } from "../args";
import { forwarderFiles, type ShippedLines } from "../forwarder/boot-files";
import { SYSLOG } from "./balancer";
import { STORE_TAG } from "./replacement-gate";

/** Nodes that decide who is in: three of them lose one without losing the store. */
const MANAGERS = 3;
/** Lines a second that a node ships: what a store says of its troubles is not to add to them. */
const OWN_LINES = 200;
/** Where the machines' configuration removes what is old. */
const COLLECTED = "/var/log/collected";

export interface NodeSpec {
  readonly number: number;
  readonly nodes: number;
  readonly id: pulumi.Output<string>;
  readonly region: pulumi.Output<string>;
  readonly subnetId: pulumi.Output<string>;
  readonly volumeId: pulumi.Output<string>;
  /** Name that clients know the store by. */
  readonly address: pulumi.Output<string>;
  readonly userSecretArn: pulumi.Output<string>;
  /** What its forwarder signs in with, as those of other machines do. */
  readonly writerSecretArn: pulumi.Output<string>;
  readonly authoritySecretArn: pulumi.Output<string>;
  /** What its forwarder checks the store with. */
  readonly certificate: pulumi.Output<string>;
  readonly securityGroupId: pulumi.Output<string>;
  readonly instanceProfileArn: pulumi.Output<string>;
  readonly targetGroupArns: pulumi.Output<string>[];
  /** What has to be there before the machine starts; the node before this one is among it. */
  readonly after: readonly pulumi.Resource[];
  readonly hooks: pulumi.ResourceHook[];
}

/** A group of one for each node, so that a machine that is lost is replaced and finds its disk. */
export function makeNode(
  name: string,
  args: SelfHostedStoreArgs,
  spec: NodeSpec,
  parent: pulumi.Resource,
): Group {
  const child = `${name}-${spec.number}`;
  const instanceType = args.instanceType ?? LOG_STORE_TYPE;
  const tags = { ...args.tags, Name: child, "retrofit:role": LOG_STORE_ROLE, [STORE_TAG]: spec.id };
  const template = new LaunchTemplate(
    ...transformed(
      args.transform?.launchTemplate,
      child,
      {
        imageId: args.imageId ?? debianImage(instanceType, { parent }),
        instanceType,
        userData: userDataOf(args, spec).apply((text) => Buffer.from(text).toString("base64")),
        iamInstanceProfile: { arn: spec.instanceProfileArn },
        vpcSecurityGroupIds: [spec.securityGroupId],
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          {
            deviceName: "/dev/xvda",
            ebs: {
              volumeSize: LOG_STORE_ROOT_GB,
              volumeType: "gp3",
              encrypted: "true",
              deleteOnTermination: "true",
            },
          },
        ],
        tagSpecifications: ["instance", "volume"].map((resourceType) => ({ resourceType, tags })),
        tags,
      },
      // A newer image of the distribution is no reason to replace a node.
      { parent, ignoreChanges: args.imageId === undefined ? ["imageId"] : [] },
    ),
  );
  return new Group(
    child,
    {
      launchTemplate: { id: template.id, version: pulumi.interpolate`${template.latestVersion}` },
      // A disk is on one machine at a time: the former node goes before the next one comes.
      minSize: 0,
      maxSize: 1,
      desiredCapacity: 1,
      vpcZoneIdentifiers: [spec.subnetId],
      targetGroupArns: spec.targetGroupArns,
      // Whether a node is well is the store's to say; a new machine would not make a store whole that is not.
      healthCheckType: "EC2",
      healthCheckGracePeriod: 600,
      waitForCapacityTimeout: "0",
      instanceRefresh: { strategy: "Rolling", preferences: { minHealthyPercentage: 0 } },
      tags: Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
    },
    {
      parent,
      dependsOn: [...spec.after],
      hooks: { beforeUpdate: spec.hooks },
      customTimeouts: { delete: "30m" },
    },
  );
}

function userDataOf(args: SelfHostedStoreArgs, spec: NodeSpec): pulumi.Output<string> {
  const { configuration, programs } = args;
  const known = pulumi.output({
    id: spec.id,
    region: spec.region,
    volume: spec.volumeId,
    address: spec.address,
    userSecret: spec.userSecretArn,
    writerSecret: spec.writerSecretArn,
    authoritySecret: spec.authoritySecretArn,
    certificate: spec.certificate,
    told: configuration.document(),
  });
  return known.apply((found) => {
    const { id, region, volume, address, userSecret, writerSecret, authoritySecret, certificate, told } =
      found;
    const { plugins = [], ...downloads } = programs;
    const node = {
      id,
      number: spec.number,
      // Not the number of nodes: a larger store is no reason to replace those that are there.
      managers: Math.min(MANAGERS, spec.nodes),
      names: [address],
      user_secret: userSecret,
      authority_secret: authoritySecret,
      volume,
      system_stream: `logs-system-${configuration.environment}`,
      plugins,
      ...downloads,
    };
    return firstBoot(
      {
        environment: configuration.environment,
        role: LOG_STORE_ROLE,
        region,
        ...told,
        settings: { ...told.settings, "profile::log_store::node": node },
        logs: { secretArn: writerSecret },
      },
      {
        packages: [],
        files: forwarderFiles({ ...ownLines(args), endpoint: `https://${address}`, certificate }),
      },
    );
  });
}

/** Its machines ship their lines as all others do, into the store that they are. */
function ownLines({
  configuration,
  syslog,
}: SelfHostedStoreArgs): Pick<ShippedLines, "environment" | "sources"> {
  const { environment } = configuration;
  return {
    environment,
    sources: [
      { type: "journal", name: "journal", rateLimit: OWN_LINES },
      ...(syslog
        ? [{ type: "syslog", name: "syslog", port: SYSLOG.inside, keepIn: COLLECTED } as const]
        : []),
    ],
  };
}
