import type { Weights } from "./traffic/weights";

/** What a listener does in AWS itself. */
export interface LiveListener {
  readonly arn: string;
  /** Empty when the listener has no count of moves yet. */
  readonly moves: string;
  readonly weights: Weights;
}

/**
 * Reads a listener from AWS, with the same credentials as the gates; undefined when there is none on the port. The
 * provider's own function for it fails where there is none, and that would stand among the errors of each first update.
 *
 * @throws the AWS error as it is.
 */
export async function readLiveListener(
  loadBalancerArn: string,
  port: number,
): Promise<LiveListener | undefined> {
  const region = /^arn:[^:]+:elasticloadbalancing:([^:]+):/.exec(loadBalancerArn)?.[1];
  // Not a load balancer of AWS's: a program that is tried out against nothing.
  if (region === undefined) return undefined;
  const [{ DescribeListenersCommand }, { elbClient }, { weightsOf }, { readMoves }] = await Promise.all([
    import("@aws-sdk/client-elastic-load-balancing-v2"),
    import("./traffic/clients"),
    import("./traffic/serving"),
    import("./traffic/moves"),
  ]);
  const elb = await elbClient(region);
  try {
    const answer = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: loadBalancerArn }));
    const listener = answer.Listeners?.find(({ Port }) => Port === port);
    if (!listener?.ListenerArn) return undefined;
    return {
      arn: listener.ListenerArn,
      moves: (await readMoves({ elb }, listener.ListenerArn)) ?? "",
      weights: weightsOf(listener.DefaultActions ?? []),
    };
  } catch (error) {
    if (/NotFound/.test((error as Error).name)) return undefined;
    throw error;
  } finally {
    elb.destroy();
  }
}
