import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { RDSClient } from "@aws-sdk/client-rds";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { Clock, Report } from "../../web-tier/traffic";
import { GateError } from "../../web-tier/traffic/gate-error";
import type { GateAddresses } from "./database-gate";
import type { GateRun } from "./gate";
import { type LedgerStore, ledgerIn } from "./ledger";
import type { DatabaseAddress, Migrator, MigratorSettings } from "./migrator";

const clientConfig = (region: string) => ({ region, retryMode: "adaptive", maxAttempts: 6 }) as const;

export async function openLedger(region: string, bucket: string): Promise<LedgerStore> {
  return ledgerIn(new S3Client(clientConfig(region)), bucket);
}

/** The gate with real clients, from the standard AWS environment. */
export async function openRun(
  { region, database, settings, autoScalingGroup, ledgerBucket, windows, ...release }: GateAddresses,
  { report, clock }: { report: Report; clock: Clock },
): Promise<GateRun> {
  return {
    ...release,
    ...(windows === undefined ? {} : { windows }),
    ledger: await openLedger(region, ledgerBucket),
    rds: new RDSClient(clientConfig(region)),
    migrator: () => openMigrator({ region, database, settings, autoScalingGroup }, report, clock),
    report,
    clock,
  };
}

/** Longer than an instance takes to start; SSM's agent is waited for later. */
const MACHINE_SECONDS = 600;

/** The migrator on the one machine of the operations group. @throws GateError when there is none in ten minutes. */
export async function openMigrator(
  of: { region: string; database: DatabaseAddress; settings: MigratorSettings; autoScalingGroup: string },
  report: Report,
  clock: Clock,
): Promise<Migrator> {
  const autoScaling = new AutoScalingClient(clientConfig(of.region));
  const until = clock.now() + MACHINE_SECONDS;
  for (;;) {
    const group = { AutoScalingGroupNames: [of.autoScalingGroup] };
    const found = await autoScaling.send(new DescribeAutoScalingGroupsCommand(group));
    const instances = found.AutoScalingGroups?.[0]?.Instances ?? [];
    const instanceId = instances.find(({ LifecycleState }) => LifecycleState === "InService")?.InstanceId;
    if (instanceId) {
      const { region, database, settings } = of;
      return {
        clients: { ssm: new SSMClient(clientConfig(region)) },
        instanceId,
        region,
        database,
        settings,
      };
    }
    if (clock.now() >= until) {
      throw new GateError("database", `the operations machine (${of.autoScalingGroup}) has not come up.`);
    }
    report("database: waiting for the operations machine");
    await clock.sleep(3);
  }
}
