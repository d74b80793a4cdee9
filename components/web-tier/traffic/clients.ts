import type { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { type Clock, systemClock } from "../../shared/clock";

export { type Clock, systemClock };

/** The three AWS services that a traffic shift talks to. Passed in, so that the logic is tested alone. */
export interface TrafficClients {
  readonly elb: Pick<ElasticLoadBalancingV2Client, "send">;
  readonly autoScaling: Pick<AutoScalingClient, "send">;
  readonly cloudWatch: Pick<CloudWatchClient, "send">;
}

/**
 * A clock whose next sleep fails once the signal has come, with the error that `interruption` makes. Only that one
 * sleep: what cleans up afterwards may have to wait too.
 */
export function interruptibleClock(signal: AbortSignal, interruption: () => Error): Clock {
  let told = false;
  const interrupted = () => {
    told = true;
    return interruption();
  };
  return {
    now: systemClock.now,
    sleep: (seconds) =>
      new Promise((resolve, reject) => {
        if (signal.aborted && !told) return reject(interrupted());
        const onAbort = () => {
          clearTimeout(timer);
          if (told) resolve();
          else reject(interrupted());
        };
        const timer = setTimeout(() => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        }, seconds * 1000);
        signal.addEventListener("abort", onAbort, { once: true });
      }),
  };
}

/** One line of progress for a person: what is waited for, and how far it is. */
export type Report = (line: string) => void;

/** The load balancing client alone: what a preview needs. */
export async function elbClient(region: string): Promise<ElasticLoadBalancingV2Client> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const { ElasticLoadBalancingV2Client } = await import("@aws-sdk/client-elastic-load-balancing-v2");
  return new ElasticLoadBalancingV2Client({ region });
}

/**
 * Clients for a region, from the standard AWS environment (credentials, profile, endpoint).
 * The SDK's own retries absorb throttling; `adaptive` also slows down when the account is busy.
 */
export async function trafficClients(region: string | undefined): Promise<TrafficClients> {
  // The SDK's notice about Node versions would stand among the gates' lines.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  // Loaded here and not at the top: a preview never shifts traffic and should not pay for the SDK.
  const [elb, autoScaling, cloudWatch] = await Promise.all([
    import("@aws-sdk/client-elastic-load-balancing-v2"),
    import("@aws-sdk/client-auto-scaling"),
    import("@aws-sdk/client-cloudwatch"),
  ]);
  const config = { ...(region ? { region } : {}), retryMode: "adaptive", maxAttempts: 6 };
  return {
    elb: new elb.ElasticLoadBalancingV2Client(config),
    autoScaling: new autoScaling.AutoScalingClient(config),
    cloudWatch: new cloudWatch.CloudWatchClient(config),
  };
}
