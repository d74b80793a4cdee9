import {
  type Action,
  DescribeListenersCommand,
  ModifyListenerCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { TrafficClients } from "./clients";
import type { Weights } from "./weights";

export interface Serving {
  readonly weights: Weights;
  /** The listener's default actions as AWS returned them: what a failed shift puts back, to the letter. */
  readonly actions: Action[];
}

/**
 * Who serves, read from the listener itself: the only place that cannot disagree with what users get.
 *
 * @throws when the listener does not exist or may not be read (the AWS error as it is).
 */
export async function readServing(
  clients: Pick<TrafficClients, "elb">,
  listenerArn: string,
): Promise<Serving> {
  const answer = await clients.elb.send(new DescribeListenersCommand({ ListenerArns: [listenerArn] }));
  const actions = answer.Listeners?.[0]?.DefaultActions ?? [];
  return { weights: weightsOf(actions), actions };
}

export function weightsOf(actions: readonly Action[]): Weights {
  const weights: Record<string, number> = {};
  for (const action of actions) {
    if (action.Type !== "forward") continue;
    const groups = action.ForwardConfig?.TargetGroups ?? [];
    for (const group of groups) if (group.TargetGroupArn) weights[group.TargetGroupArn] = group.Weight ?? 1;
    if (groups.length === 0 && action.TargetGroupArn) weights[action.TargetGroupArn] = 1;
  }
  return weights;
}

/** Writes weights to the listener in one call: the switch is atomic, for new requests, at the load balancer. */
export async function writeWeights(
  clients: Pick<TrafficClients, "elb">,
  listenerArn: string,
  weights: Weights,
): Promise<void> {
  await writeActions(clients, listenerArn, [
    {
      Type: "forward",
      ForwardConfig: {
        TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
        TargetGroupStickinessConfig: { Enabled: false },
      },
    },
  ]);
}

export async function writeActions(
  clients: Pick<TrafficClients, "elb">,
  listenerArn: string,
  actions: Action[],
): Promise<void> {
  await clients.elb.send(new ModifyListenerCommand({ ListenerArn: listenerArn, DefaultActions: actions }));
}

/** `app/<name>/<id>` of a load balancer, or of a listener's: the `LoadBalancer` dimension of its metrics. */
export function loadBalancerDimension(listenerArn: string): string {
  return (
    listenerArn
      .split(/:(?:listener|loadbalancer)\//)[1]
      ?.split("/")
      .slice(0, 3)
      .join("/") ?? ""
  );
}

/** `targetgroup/<name>/<id>`, the `TargetGroup` dimension of its metrics. */
export function targetGroupDimension(targetGroupArn: string): string {
  return targetGroupArn.slice(targetGroupArn.indexOf("targetgroup/"));
}
