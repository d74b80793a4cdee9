import { Key } from "@pulumi/aws/kms/key";
import { Instance } from "@pulumi/aws/rds/instance";
import { ParameterGroup } from "@pulumi/aws/rds/parameterGroup";
import { SubnetGroup } from "@pulumi/aws/rds/subnetGroup";
import * as pulumi from "@pulumi/pulumi";
import { Doors } from "../shared/doors";
import { transformed } from "../shared/transform";
import { makeDatabaseAlarms } from "./database-alarms";
import type { DatabaseArgs } from "./database-args";
import { majorVersion, parameterList } from "./parameters";
import { makeProxy } from "./proxy";
import { type Reader, readerName } from "./replicas";
import { LIMITLESS_DATABASE, makeSharded } from "./sharding";
import { checkDatabase } from "./validate-database";

export const POSTGRES_PORT = 5432;
const LEAST_STORAGE = 20;

/**
 * PostgreSQL on RDS: encrypted, in the data subnets, reached by named security groups only, its password made and
 * rotated by the service, backed up to any point in time. With `sharding`, Aurora PostgreSQL Limitless instead.
 *
 * @throws ResourceError listing everything wrong with the arguments.
 */
export class Database extends pulumi.ComponentResource {
  /** Host name that applications write to: the writer's, the proxy's, or the shard group's. */
  public readonly endpoint: pulumi.Output<string>;
  public readonly port: pulumi.Output<number>;
  public readonly databaseName: pulumi.Output<string>;
  /** Host name that reads may go to, somewhat behind the writer. Undefined without replicas. */
  public readonly readerEndpoint: pulumi.Output<string> | undefined;
  /** Host names of the single replicas, for clients that choose among hosts themselves. */
  public readonly readerEndpoints: pulumi.Output<string[]>;
  /** ARN of the secret with `username` and `password`, kept and rotated by RDS. */
  public readonly secretArn: pulumi.Output<string>;
  public readonly securityGroupId: pulumi.Output<string>;
  /** Identifier of the writer, for snapshots. Undefined with `sharding`. */
  public readonly instanceIdentifier: pulumi.Output<string> | undefined;
  /** Identifier of the cluster, for snapshots. Defined with `sharding` only. */
  public readonly clusterIdentifier: pulumi.Output<string> | undefined;
  /** The writer's own host name, past a proxy: what migrations use. */
  public readonly writerEndpoint: pulumi.Output<string>;

  private readonly doors: Doors;

  constructor(
    private readonly databaseLabel: string,
    args: DatabaseArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const name = databaseLabel;
    super("retrofit:database:Database", name, {}, opts);
    checkDatabase(name, args).throwIfAny(this);
    this.doors = new Doors(name, POSTGRES_PORT, args.network, args.tags, this);
    this.securityGroupId = this.doors.group.id;
    this.port = pulumi.output(POSTGRES_PORT);
    const kmsKeyArn = args.kmsKeyArn ?? this.makeKey(args).arn;
    const subnetGroup = new SubnetGroup(
      name,
      {
        description: `Data subnets of ${name}`,
        subnetIds: args.network.subnetIds.data,
        tags: { ...args.tags },
      },
      { parent: this },
    );

    if (args.sharding !== undefined) {
      const { cluster, shards } = makeSharded(
        name,
        args,
        args.sharding,
        {
          subnetGroup,
          securityGroupId: this.securityGroupId,
          kmsKeyArn,
          username: args.username ?? "app_admin",
          backupDays: backupDays(args),
          multiAz: args.multiAz ?? args.protected ?? false,
        },
        this,
      );
      this.endpoint = shards.endpoint;
      this.writerEndpoint = shards.endpoint;
      this.databaseName = pulumi.output(LIMITLESS_DATABASE);
      this.readerEndpoints = pulumi.output([]);
      this.secretArn = secretOf(cluster.masterUserSecrets);
      this.clusterIdentifier = cluster.clusterIdentifier;
    } else {
      const writer = this.makeWriter(args, subnetGroup, kmsKeyArn);
      const readers = this.makeReaders(args, writer, kmsKeyArn);
      this.writerEndpoint = writer.address;
      this.databaseName = writer.dbName;
      this.secretArn = secretOf(writer.masterUserSecrets);
      this.instanceIdentifier = writer.identifier;
      this.readerEndpoints = pulumi.all(readers.map(({ instance }) => instance.address));
      if (readers.length === 1) this.readerEndpoint = readers[0]!.instance.address;
      if (readers.length > 1)
        this.readerEndpoint = readerName(name, readers, args.network, { ...args.tags }, this);
      const proxied = { instance: writer, secretArn: this.secretArn, securityGroupId: this.securityGroupId };
      this.endpoint = args.proxy ? makeProxy(name, args, proxied, this) : writer.address;
      // The proxy is a client of the database in the same security group.
      if (args.proxy) this.doors.open("proxy", this.securityGroupId);
    }
    this.registerOutputs({
      endpoint: this.endpoint,
      writerEndpoint: this.writerEndpoint,
      port: this.port,
      databaseName: this.databaseName,
      readerEndpoint: this.readerEndpoint,
      readerEndpoints: this.readerEndpoints,
      secretArn: this.secretArn,
      securityGroupId: this.securityGroupId,
      instanceIdentifier: this.instanceIdentifier,
      clusterIdentifier: this.clusterIdentifier,
    });
  }

  /** Lets the members of a security group in, and out to the database. `who` names it and is part of the rules' names. */
  allowFrom(who: string, securityGroupId: pulumi.Input<string>): void {
    this.doors.open(who, securityGroupId);
  }

  private makeKey(args: DatabaseArgs): Key {
    return new Key(
      ...transformed(
        args.transform?.key,
        this.databaseLabel,
        {
          description: `Disks, snapshots and performance data of ${this.databaseLabel}`,
          enableKeyRotation: true,
          // Without its key a snapshot is worth nothing, so there is time to change one's mind.
          deletionWindowInDays: args.protected ? 30 : 7,
          tags: { ...args.tags },
        },
        { parent: this, protect: args.protected ?? false },
      ),
    );
  }

  private makeWriter(
    args: DatabaseArgs,
    subnetGroup: SubnetGroup,
    kmsKeyArn: pulumi.Input<string>,
  ): Instance {
    const name = this.databaseLabel;
    const keep = args.protected ?? false;
    const engineVersion = args.engineVersion ?? "16";
    const parameterGroup = new ParameterGroup(
      ...transformed(
        args.transform?.parameterGroup,
        name,
        {
          family: `postgres${majorVersion(engineVersion)}`,
          description: `Parameters of ${name}`,
          parameters: parameterList(args.parameters),
          tags: { ...args.tags },
        },
        { parent: this },
      ),
    );
    const writer = new Instance(
      ...transformed(
        args.transform?.instance,
        name,
        {
          engine: "postgres",
          engineVersion,
          instanceClass: args.instanceClass ?? "db.t4g.micro",
          dbName: args.databaseName ?? "app",
          username: args.username ?? "app_admin",
          manageMasterUserPassword: true,
          port: POSTGRES_PORT,
          dbSubnetGroupName: subnetGroup.name,
          vpcSecurityGroupIds: [this.securityGroupId],
          publiclyAccessible: false,
          multiAz: args.multiAz ?? keep,
          storageType: "gp3",
          allocatedStorage: args.storageGb ?? LEAST_STORAGE,
          ...growth(args),
          storageEncrypted: true,
          kmsKeyId: kmsKeyArn,
          parameterGroupName: parameterGroup.name,
          backupRetentionPeriod: backupDays(args),
          backupWindow: "01:00-02:00",
          maintenanceWindow: "sun:02:30-sun:03:30",
          copyTagsToSnapshot: true,
          deleteAutomatedBackups: !keep,
          deletionProtection: keep,
          skipFinalSnapshot: !keep,
          // The subnet group's name has a random end, so that the last snapshots of two databases differ.
          finalSnapshotIdentifier: pulumi.interpolate`${subnetGroup.name}-final`,
          ...(args.restoreFrom === undefined ? {} : { snapshotIdentifier: args.restoreFrom }),
          enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
          performanceInsightsEnabled: true,
          performanceInsightsKmsKeyId: kmsKeyArn,
          performanceInsightsRetentionPeriod: 7,
          autoMinorVersionUpgrade: true,
          applyImmediately: !keep,
          tags: { ...args.tags },
        },
        { parent: this, protect: keep },
      ),
    );
    this.watch(name, args, writer, false);
    return writer;
  }

  private makeReaders(args: DatabaseArgs, writer: Instance, kmsKeyArn: pulumi.Input<string>): Reader[] {
    return Array.from({ length: args.replicas ?? 0 }, (_, index) => {
      const name = `${this.databaseLabel}-replica-${index + 1}`;
      const instance = new Instance(
        ...transformed(
          args.transform?.instance,
          name,
          {
            replicateSourceDb: writer.identifier,
            instanceClass: args.instanceClass ?? "db.t4g.micro",
            vpcSecurityGroupIds: [this.securityGroupId],
            parameterGroupName: writer.parameterGroupName,
            publiclyAccessible: false,
            ...growth(args),
            storageEncrypted: true,
            skipFinalSnapshot: true,
            copyTagsToSnapshot: true,
            enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
            performanceInsightsEnabled: true,
            performanceInsightsKmsKeyId: kmsKeyArn,
            performanceInsightsRetentionPeriod: 7,
            autoMinorVersionUpgrade: true,
            applyImmediately: !(args.protected ?? false),
            tags: { ...args.tags },
          },
          { parent: this },
        ),
      );
      return { instance, lag: this.watch(name, args, instance, true).get("lag")! };
    });
  }

  private watch(name: string, args: DatabaseArgs, instance: Instance, replica: boolean) {
    return makeDatabaseAlarms(
      name,
      {
        identifier: instance.identifier,
        instanceClass: args.instanceClass ?? "db.t4g.micro",
        storageGb: args.storageGb ?? LEAST_STORAGE,
        replica,
        ...(args.maxConnections === undefined ? {} : { maxConnections: args.maxConnections }),
      },
      { topics: args.alarmTopicArns ?? [], tags: { ...args.tags } },
      this,
    );
  }
}

function backupDays(args: DatabaseArgs): number {
  return args.backupDays ?? (args.protected ? 14 : 1);
}

/** How far the disk may grow by itself; nothing where it is to stay as it is. */
function growth({ storageGb = LEAST_STORAGE, maxStorageGb = storageGb * 5 }: DatabaseArgs) {
  return maxStorageGb > storageGb ? { maxAllocatedStorage: maxStorageGb } : {};
}

function secretOf(secrets: pulumi.Output<{ secretArn: string }[]>): pulumi.Output<string> {
  return secrets.apply((found) => {
    const [secret] = found ?? [];
    if (secret === undefined) throw new Error("RDS has made no secret for the master user");
    return secret.secretArn;
  });
}
