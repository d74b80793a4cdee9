import {
  CreateDBClusterSnapshotCommand,
  CreateDBSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBSnapshotsCommand,
  type RDSClient,
} from "@aws-sdk/client-rds";
import type { Clock } from "../../web-tier/traffic";

/** What is copied: the writer, or the cluster of a sharded database. */
export type SnapshotSource = { readonly instance: string } | { readonly cluster: string };

const POLL_SECONDS = 5;
const LIMIT_SECONDS = 4 * 3600;

/** Takes a snapshot and waits until it can be restored. @throws when RDS gives up or four hours have passed. */
export async function takeSnapshot(
  rds: Pick<RDSClient, "send">,
  source: SnapshotSource,
  name: string,
  report: (line: string) => void,
  clock: Clock,
): Promise<string> {
  const started = clock.now();
  await create(rds, source, name);
  for (;;) {
    const { status, percent } = await look(rds, source, name);
    if (status === "available") break;
    if (status === "failed" || clock.now() - started > LIMIT_SECONDS) {
      throw new Error(
        `snapshot ${name} is ${status ?? "not there"} after ${Math.round(clock.now() - started)} s`,
      );
    }
    report(`database: snapshot ${name}, ${percent ?? 0} %`);
    await clock.sleep(POLL_SECONDS);
  }
  report(`database: snapshot ${name} is there (${Math.round(clock.now() - started)} s)`);
  return name;
}

async function create(rds: Pick<RDSClient, "send">, source: SnapshotSource, name: string): Promise<void> {
  const Tags = [{ Key: "retrofit:taken-before", Value: name }];
  if ("instance" in source) {
    const of = { DBInstanceIdentifier: source.instance, DBSnapshotIdentifier: name, Tags };
    await rds.send(new CreateDBSnapshotCommand(of));
  } else {
    const of = { DBClusterIdentifier: source.cluster, DBClusterSnapshotIdentifier: name, Tags };
    await rds.send(new CreateDBClusterSnapshotCommand(of));
  }
}

async function look(rds: Pick<RDSClient, "send">, source: SnapshotSource, name: string) {
  if ("instance" in source) {
    const answer = await rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: name }));
    const found = answer.DBSnapshots?.[0];
    return { status: found?.Status, percent: found?.PercentProgress };
  }
  const answer = await rds.send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: name }));
  const found = answer.DBClusterSnapshots?.[0];
  return { status: found?.Status, percent: found?.PercentProgress };
}

/** `retrofit-dev-2-0-0-20261122183000`: letters, digits and single hyphens, as RDS wants it. */
export function snapshotName(environment: string, version: string, now: Date): string {
  const time = now.toISOString().replace(/\D/g, "").slice(0, 14);
  const text = `retrofit-${environment}-${version}-${time}`.toLowerCase();
  return text.replace(/[^a-z0-9]+/g, "-");
}
