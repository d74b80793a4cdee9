import { type Clock, type Report, systemClock, type TrafficClients } from "./clients";
import { describeFleet, type FleetState, failedLaunches, raiseCapacity, readFleet } from "./fleet-state";
import { GateError } from "./gate-error";

export interface HealthGateSettings {
  /** Consecutive polls in which enough machines must be healthy. One pass proves little: a target is healthy after its first check. */
  readonly healthyPolls: number;
  /** Seconds between polls. */
  readonly pollSeconds: number;
  /** Seconds until the gate gives up. */
  readonly healthTimeoutSeconds: number;
  /** Failed launches after which waiting is pointless. One is not enough: a zone can be short of machines for a minute. */
  readonly failedLaunchesAllowed?: number;
}

/**
 * Waits until a fleet has as many healthy machines as are needed, several polls in a row.
 *
 * `needed` is asked at every poll, since the serving fleet may grow meanwhile; the fleet is raised along.
 * A poll that AWS throttles or drops counts for nothing and against nothing but the streak.
 *
 * @throws GateError `capacity` when launches keep failing or the fleet is gone, `health` when the time is over.
 */
export async function waitForHealthy(
  clients: Pick<TrafficClients, "elb" | "autoScaling">,
  targetGroupArn: string,
  needed: () => Promise<number>,
  settings: HealthGateSettings,
  report: Report,
  clock: Clock = systemClock,
): Promise<FleetState> {
  const started = clock.now();
  const allowed = settings.failedLaunchesAllowed ?? 3;
  let streak = 0;
  let flaps = 0;
  let last = "nothing was seen of it";
  for (;;) {
    const look = await lookOnce(clients, targetGroupArn, needed);
    if ("unreadable" in look) {
      last = look.unreadable;
      streak = 0;
    } else if (!look.fleet) {
      throw new GateError("capacity", `no Auto Scaling group registers machines in ${targetGroupArn}.`);
    } else {
      const { fleet, wanted } = look;
      const ready = fleet.healthy.length >= wanted && fleet.healthy.length === fleet.inService.length;
      if (ready) {
        streak += 1;
      } else {
        if (streak > 0) flaps += 1;
        streak = 0;
      }
      last = describeFleet(fleet, wanted);
      report(`health: ${last}${ready ? ` (${streak}/${settings.healthyPolls} polls)` : ""}`);
      if (streak >= settings.healthyPolls) return fleet;
      const failures = ready ? [] : await failedLaunches(clients, fleet.group, started).catch(() => []);
      if (failures.length >= allowed) {
        throw new GateError(
          "capacity",
          `${failures.length} launches failed in ${fleet.group}, the last with: ${failures[0]}.`,
        );
      }
    }
    if (clock.now() - started >= settings.healthTimeoutSeconds) {
      const flapping = flaps > 0 ? `; its health went up and down ${flaps} times` : "";
      throw new GateError(
        "health",
        `the new fleet was not healthy within ${settings.healthTimeoutSeconds} s: ${last}${flapping}.`,
      );
    }
    await clock.sleep(settings.pollSeconds);
  }
}

type Look = { fleet: FleetState | undefined; wanted: number } | { unreadable: string };

async function lookOnce(
  clients: Pick<TrafficClients, "elb" | "autoScaling">,
  targetGroupArn: string,
  needed: () => Promise<number>,
): Promise<Look> {
  try {
    const [fleet, wanted] = await Promise.all([readFleet(clients, targetGroupArn), needed()]);
    if (!fleet) return { fleet, wanted };
    const raised = await raiseCapacity(clients, fleet, wanted);
    return { fleet, wanted: Math.max(1, Math.min(wanted, raised)) };
  } catch (error) {
    if (isTransient(error)) return { unreadable: `AWS did not answer (${(error as Error).name})` };
    throw error;
  }
}

const TRANSIENT_NAMES =
  /throttl|timeout|TooManyRequests|RequestLimitExceeded|ServiceUnavailable|InternalFailure|InternalError/i;
const TRANSIENT_CODES = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ENOTFOUND",
]);

/** Whether an AWS call may succeed when it is simply made again: throttling, a 5xx, a broken connection. */
export function isTransient(error: unknown): boolean {
  const {
    name = "",
    code = "",
    $metadata,
    $retryable,
  } = error as {
    name?: string;
    code?: string;
    $metadata?: { httpStatusCode?: number };
    $retryable?: unknown;
  };
  return (
    $retryable !== undefined ||
    TRANSIENT_NAMES.test(name) ||
    TRANSIENT_CODES.has(code) ||
    ($metadata?.httpStatusCode ?? 0) >= 500
  );
}
