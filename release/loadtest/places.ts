import { loadBalancerDimension } from "../../components/web-tier/traffic";
import type { EnvironmentOutputs } from "../environment";
import type { Places } from "./read-figures";

/** Where the metrics of an environment's layers are; a layer that it does not have has no place. */
export function placesOf({ listenerArn, live, fleets, database, sessions }: EnvironmentOutputs): Places {
  const group = live === undefined ? undefined : fleets[live]?.autoScalingGroup;
  return {
    loadBalancer: {
      namespace: "AWS/ApplicationELB",
      dimensions: [{ LoadBalancer: loadBalancerDimension(listenerArn) }],
    },
    ...(group && {
      machines: { namespace: "AWS/EC2", dimensions: [{ AutoScalingGroupName: group }] },
    }),
    ...(database && { database: { namespace: "AWS/RDS", dimensions: [databaseDimension(database)] } }),
    ...(sessions && {
      sessions: {
        namespace: "AWS/ElastiCache",
        dimensions: (sessions.nodes ?? []).map((node) => ({ CacheClusterId: node })),
      },
    }),
  };
}

function databaseDimension({
  instance,
  cluster,
}: NonNullable<EnvironmentOutputs["database"]>): Record<string, string> {
  return instance === undefined ? { DBClusterIdentifier: cluster ?? "" } : { DBInstanceIdentifier: instance };
}
