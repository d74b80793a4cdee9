import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm";
import { ReplicationGroup } from "@pulumi/aws/elasticache/replicationGroup";
import { SubnetGroup } from "@pulumi/aws/elasticache/subnetGroup";
import { getRandomPasswordOutput } from "@pulumi/aws/secretsmanager/getRandomPassword";
import { Secret } from "@pulumi/aws/secretsmanager/secret";
import { SecretVersion } from "@pulumi/aws/secretsmanager/secretVersion";
import * as pulumi from "@pulumi/pulumi";
import { Doors } from "../shared/doors";
import { transformed } from "../shared/transform";
import type { SessionStoreArgs } from "./session-store-args";
import { checkSessionStore } from "./validate-session-store";

export const SESSION_STORE_PORT = 6379;
/** The one user of a store with a token. */
export const SESSION_STORE_USER = "default";

/** What is watched of each node. */
const ALARMS = [
  {
    suffix: "cpu",
    metric: "EngineCPUUtilization",
    threshold: 80,
    says: "the engine's processor is over 80 %",
  },
  {
    suffix: "memory",
    metric: "DatabaseMemoryUsagePercentage",
    threshold: 80,
    says: "memory is over 80 % full",
  },
  {
    suffix: "evictions",
    metric: "Evictions",
    threshold: 0,
    says: "sessions are thrown out for want of memory",
  },
] as const;

/**
 * Valkey on ElastiCache for what all machines must know of a user, so that any of them can serve anybody: encrypted on its
 * way and at rest, asked for a token, in the data subnets, reached by named security groups only.
 *
 * @throws ResourceError listing everything wrong with the arguments.
 */
export class SessionStore extends pulumi.ComponentResource {
  /** Host name of the node that takes writes; the same after a failover. */
  public readonly endpoint: pulumi.Output<string>;
  public readonly port: pulumi.Output<number>;
  /** ARN of the secret with `username` and `token`. */
  public readonly secretArn: pulumi.Output<string>;
  public readonly securityGroupId: pulumi.Output<string>;
  /** Ids of its nodes, by which CloudWatch keeps their metrics (`CacheClusterId`). */
  public readonly nodeIds: pulumi.Output<string[]>;

  private readonly doors: Doors;

  constructor(name: string, args: SessionStoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:database:SessionStore", name, {}, opts);
    checkSessionStore(name, args).throwIfAny(this);
    const parent = { parent: this };
    const tags = { ...args.tags };
    const multiAz = args.multiAz ?? args.protected ?? false;
    const nodes = args.nodes ?? (multiAz ? 2 : 1);
    this.doors = new Doors(name, SESSION_STORE_PORT, args.network, args.tags, this);

    const secret = new Secret(
      name,
      {
        description: `Token of the session store ${name}`,
        // An environment that is thrown away and built again must not find the former secret in the way.
        recoveryWindowInDays: args.protected ? 7 : 0,
        tags,
      },
      parent,
    );
    const generated = getRandomPasswordOutput({ passwordLength: 64, excludePunctuation: true }, parent);
    const version = new SecretVersion(
      // Another generation is another version with a token of its own.
      `${name}-${args.tokenGeneration ?? 1}`,
      {
        secretId: secret.id,
        secretString: pulumi.secret(
          generated.randomPassword.apply((token) => JSON.stringify({ username: SESSION_STORE_USER, token })),
        ),
      },
      // Every run makes a new random text; the first one stays.
      { ...parent, ignoreChanges: ["secretString"], additionalSecretOutputs: ["secretString"] },
    );
    const subnetGroup = new SubnetGroup(
      name,
      { description: `Data subnets of ${name}`, subnetIds: args.network.subnetIds.data, tags },
      parent,
    );
    const group = new ReplicationGroup(
      ...transformed(
        args.transform?.replicationGroup,
        name,
        {
          description: `Sessions of ${name}`,
          engine: "valkey",
          engineVersion: args.engineVersion ?? "8.0",
          nodeType: args.nodeType ?? "cache.t4g.micro",
          numCacheClusters: nodes,
          automaticFailoverEnabled: nodes > 1,
          multiAzEnabled: multiAz,
          port: SESSION_STORE_PORT,
          subnetGroupName: subnetGroup.name,
          securityGroupIds: [this.doors.group.id],
          atRestEncryptionEnabled: true,
          ...(args.kmsKeyArn === undefined ? {} : { kmsKeyId: args.kmsKeyArn }),
          transitEncryptionEnabled: true,
          // What the secret holds, not what was made in this run.
          authToken: pulumi.secret(version.secretString.apply(tokenOf)),
          authTokenUpdateStrategy: "ROTATE",
          snapshotRetentionLimit: args.snapshotDays ?? (args.protected ? 1 : 0),
          snapshotWindow: "01:00-02:00",
          maintenanceWindow: "sun:02:30-sun:03:30",
          autoMinorVersionUpgrade: true,
          applyImmediately: true,
          tags,
        },
        parent,
      ),
    );
    for (let node = 1; node <= nodes; node++) {
      for (const alarm of ALARMS) {
        new MetricAlarm(
          `${name}-${node}-${alarm.suffix}`,
          {
            alarmDescription: `${name}, node ${node}: ${alarm.says}.`,
            namespace: "AWS/ElastiCache",
            metricName: alarm.metric,
            statistic: "Maximum",
            dimensions: {
              CacheClusterId: pulumi.interpolate`${group.replicationGroupId}-${String(node).padStart(3, "0")}`,
            },
            period: 60,
            evaluationPeriods: 5,
            datapointsToAlarm: 5,
            comparisonOperator: "GreaterThanThreshold",
            threshold: alarm.threshold,
            treatMissingData: "missing",
            alarmActions: [...(args.alarmTopicArns ?? [])],
            okActions: [...(args.alarmTopicArns ?? [])],
            tags,
          },
          parent,
        );
      }
    }

    this.endpoint = group.primaryEndpointAddress;
    this.port = pulumi.output(SESSION_STORE_PORT);
    // Given out when there is something in it.
    this.secretArn = pulumi.unsecret(pulumi.all([secret.arn, version.versionId]).apply(([arn]) => arn));
    this.securityGroupId = this.doors.group.id;
    this.nodeIds = group.memberClusters;
    this.registerOutputs({
      endpoint: this.endpoint,
      port: this.port,
      secretArn: this.secretArn,
      securityGroupId: this.securityGroupId,
      nodeIds: this.nodeIds,
    });
  }

  /** Lets the members of a security group in, and out to the store. `who` names it and is part of the rules' names. */
  allowFrom(who: string, securityGroupId: pulumi.Input<string>): void {
    this.doors.open(who, securityGroupId);
  }
}

function tokenOf(secretString: string | undefined): string {
  return (JSON.parse(secretString ?? "{}") as { token?: string }).token ?? "";
}
