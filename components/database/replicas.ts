import type { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm";
import type { Instance } from "@pulumi/aws/rds/instance";
import { HealthCheck } from "@pulumi/aws/route53/healthCheck";
import { Record as DnsRecord } from "@pulumi/aws/route53/record";
import { Zone } from "@pulumi/aws/route53/zone";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../network";

/** Seconds for which a client may keep the name's answer: how long it may go on asking a replica that is taken out. */
const TTL = 10;

export interface Reader {
  readonly instance: Instance;
  /** Fires when the replica is behind or silent. */
  readonly lag: MetricAlarm;
}

/**
 * One name for all replicas, since RDS instances (unlike Aurora clusters) share none: a zone of the VPC's own with a
 * weighted record for each. One that is far behind or silent is left out of the answers by its lag alarm; when all are,
 * all are given.
 */
export function readerName(
  name: string,
  readers: readonly Reader[],
  network: NetworkLike,
  tags: Record<string, string>,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const zone = new Zone(
    `${name}-readers`,
    {
      name: `${name}.internal`,
      comment: `Read replicas of ${name}`,
      vpcs: [{ vpcId: network.vpcId }],
      forceDestroy: true,
      tags,
    },
    { parent },
  );
  const host = `reader.${name}.internal`;
  const records = readers.map(({ instance, lag }, index) => {
    const check = new HealthCheck(
      `${name}-reader-${index + 1}`,
      {
        type: "CLOUDWATCH_METRIC",
        cloudwatchAlarmName: lag.name,
        cloudwatchAlarmRegion: lag.arn.apply((arn) => arn.split(":")[3]!),
        insufficientDataHealthStatus: "Healthy",
        tags,
      },
      { parent },
    );
    return new DnsRecord(
      `${name}-reader-${index + 1}`,
      {
        zoneId: zone.zoneId,
        name: host,
        type: "CNAME",
        ttl: TTL,
        setIdentifier: `replica-${index + 1}`,
        weightedRoutingPolicies: [{ weight: 1 }],
        healthCheckId: check.id,
        records: [instance.address],
      },
      { parent },
    );
  });
  // Known only when it can be asked for.
  return pulumi.all(records.map((record) => record.fqdn)).apply(() => host);
}
