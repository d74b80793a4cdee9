import * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../../network";
import { type Clock, systemClock } from "../../shared/clock";
import { resolved } from "../../shared/outputs";
import type { ReleaseGate } from "../../web-tier";
import { type ChangeClass, decide, type MigrationSet } from "../migrations";
import type { DatabaseAddress, MigratorSettings } from "./migrator";
import { OperationsMachine } from "./operations-machine";
import { MIGRATIONS_FOLDER } from "./release-migrations";
import type { SnapshotSource } from "./snapshot";
import type { MaintenanceWindows } from "./windows";

/** What the gate needs of a database. `Database` is one. */
export interface GatedDatabase {
  readonly writerEndpoint: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly databaseName: pulumi.Output<string>;
  readonly secretArn: pulumi.Output<string>;
  readonly instanceIdentifier: pulumi.Output<string> | undefined;
  readonly clusterIdentifier: pulumi.Output<string> | undefined;
  allowFrom(who: string, securityGroupId: pulumi.Input<string>): void;
}

export interface DatabaseGateArgs {
  readonly environment: string;
  readonly network: NetworkLike;
  readonly database: GatedDatabase;
  /** Where releases and the ledger are kept. */
  readonly artifacts: {
    readonly bucketName: pulumi.Output<string>;
    readonly bucketArn: pulumi.Output<string>;
  };
  readonly region: string;
  /** When breaking changes may be made. Default: never. */
  readonly windows?: MaintenanceWindows;
  /** Folder of the migrations in an artifact. Default: `migrations`. */
  readonly folder?: string;
  /** How the migrator works; `baseline` for a database that is older than its migrations. */
  readonly migrator?: MigratorSettings;
  /** EC2 instance type of the operations machine. Default: `t3.nano`. Cost: its price per hour, all the time. */
  readonly instanceType?: string;
  readonly tags?: Record<string, string>;
}

/** A release as the gate needs it. */
export interface GatedRelease {
  readonly version: string;
  readonly declared: ChangeClass;
  readonly artifact: {
    readonly bucket: pulumi.Input<string>;
    readonly key: pulumi.Input<string>;
    readonly sha256: string;
  };
  /** Reads the migrations of the artifact. */
  readonly migrations: () => Promise<MigrationSet>;
}

/**
 * The gate that a release's database changes have to pass, with the machine that migrations run on. It hands hooks to the
 * web tier: one before the first resource of a new fleet, one around the move of the traffic.
 */
export class DatabaseGate extends pulumi.ComponentResource {
  public readonly operations: OperationsMachine;
  /** What the command line needs to ask the database for its history. No secrets. */
  public readonly output: pulumi.Output<{ autoScalingGroup: string; database: DatabaseAddress }>;
  private readonly args: DatabaseGateArgs;
  private readonly gateName: string;

  constructor(name: string, args: DatabaseGateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:database:DatabaseGate", name, {}, opts);
    this.args = args;
    this.gateName = name;
    this.operations = new OperationsMachine(
      `${name}-operations`,
      {
        network: args.network,
        region: args.region,
        environment: args.environment,
        secretArn: args.database.secretArn,
        artifactBucketArn: args.artifacts.bucketArn,
        ...(args.instanceType === undefined ? {} : { instanceType: args.instanceType }),
        ...(args.tags === undefined ? {} : { tags: args.tags }),
      },
      { parent: this },
    );
    const { writerEndpoint: host, port, databaseName, secretArn } = args.database;
    this.output = pulumi
      .all([this.operations.autoScalingGroup, host, port, databaseName, secretArn])
      .apply(([autoScalingGroup, host, port, name, secretArn]) => ({
        autoScalingGroup,
        database: { host, port, name, secretArn },
      }));
    args.database.allowFrom(name, this.operations.securityGroupId);
    this.registerOutputs({ output: this.output });
  }

  /**
   * Judges the word of a release in a preview, as far as it can be told without the database, and makes the preview
   * fail where the release will be refused. An update asks the database itself, in the hook before the fleet.
   */
  preview(release: Omit<GatedRelease, "artifact">): void {
    if (!pulumi.runtime.isDryRun()) return;
    const { args } = this;
    args.artifacts.bucketName.apply(async (bucket) => {
      // Said and not thrown: a program whose callbacks are open does not end by an error that nobody catches.
      try {
        const { openLedger } = await import("./open");
        const { historyOf } = await import("./ledger");
        const { refuse } = await import("./refuse");
        const ledger = await (await openLedger(args.region, bucket)).read();
        const plan = await decide(release.declared, await release.migrations(), historyOf(ledger));
        refuse(plan, release.version, args.folder ?? MIGRATIONS_FOLDER);
      } catch (error) {
        const { name, message } = error as Error;
        if (name === "GateError") await pulumi.log.error(message, this);
        // Whoever may only look has no rights on the bucket perhaps; the hook will tell.
        else
          await pulumi.log.warn(
            `the database changes of ${release.version} were not judged: ${message}`,
            this,
          );
      }
    });
  }

  /** The hooks of a release for the web tier. */
  hooksFor(release: GatedRelease): ReleaseGate {
    const open = async (context: GateContext) => {
      const { openRun } = await import("./open");
      return openRun(await this.addresses(release), context);
    };
    return {
      beforeFleet: new pulumi.ResourceHook(`${this.gateName}-before-fleet`, async () => {
        const { beforeFleet } = await import("./gate");
        const report = (line: string) => void pulumi.log.info(line, this);
        await beforeFleet(await open({ report, clock: systemClock }));
      }),
      aroundSwap: async ({ clients, listenerArn, report, clock }, swap) => {
        const { aroundSwap } = await import("./gate");
        return aroundSwap(await open({ report, clock }), { clients, listenerArn }, swap);
      },
      dependsOn: [this.operations],
    };
  }

  private async addresses(release: GatedRelease): Promise<GateAddresses> {
    const { args } = this;
    const { database } = args;
    const migrations = await release.migrations();
    const [host, port, name, secretArn, instance, cluster] = await resolved(
      pulumi.all([
        database.writerEndpoint,
        database.port,
        database.databaseName,
        database.secretArn,
        database.instanceIdentifier ?? "",
        database.clusterIdentifier ?? "",
      ]),
    );
    const [autoScalingGroup, ledgerBucket, bucket, key] = await resolved(
      pulumi.all([
        this.operations.autoScalingGroup,
        args.artifacts.bucketName,
        release.artifact.bucket,
        release.artifact.key,
      ]),
    );
    return {
      environment: args.environment,
      region: args.region,
      version: release.version,
      declared: release.declared,
      artifact: { bucket, key, sha256: release.artifact.sha256 },
      migrations,
      folder: args.folder ?? MIGRATIONS_FOLDER,
      windows: args.windows,
      database: { host, port, name, secretArn },
      snapshotOf: instance ? { instance } : { cluster },
      autoScalingGroup,
      ledgerBucket,
      settings: args.migrator ?? {},
    };
  }
}

interface GateContext {
  readonly report: (line: string) => void;
  readonly clock: Clock;
}

/** All that is known of a release and its environment when a hook runs. */
export interface GateAddresses {
  readonly environment: string;
  readonly region: string;
  readonly version: string;
  readonly declared: ChangeClass;
  readonly artifact: { readonly bucket: string; readonly key: string; readonly sha256: string };
  readonly migrations: MigrationSet;
  readonly folder: string;
  readonly windows: MaintenanceWindows | undefined;
  readonly database: DatabaseAddress;
  readonly snapshotOf: SnapshotSource;
  readonly autoScalingGroup: string;
  readonly ledgerBucket: string;
  readonly settings: MigratorSettings;
}
