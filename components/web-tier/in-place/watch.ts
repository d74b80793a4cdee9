import {
  type Clock,
  errorPercent,
  firingAlarms,
  GateError,
  isTransient,
  type Report,
  readTraffic,
  type TrafficClients,
  type TrafficReading,
} from "../traffic";

export interface WatchSettings {
  readonly waitSeconds: number;
  readonly pollSeconds: number;
  readonly maxErrorPercent: number;
  readonly minRequests: number;
  readonly maxLatencySeconds?: number;
  readonly alarms: readonly string[];
  /** As in `ShiftSettings`, with the seconds since the first machine serves with the release. */
  readonly watch?: (sinceSeconds: number) => Promise<string | undefined>;
}

export interface Watched {
  /** ARN of the load balancer. */
  readonly listenerArn: string;
  readonly targetGroupArn: string;
}

/** How long before the update the fleet's errors are looked at: what failed then is not the release's fault. */
const BEFORE_SECONDS = 300;

/** The share of errors, in percent, that the fleet had before the update. */
export async function errorsBefore(
  clients: Pick<TrafficClients, "cloudWatch">,
  at: Watched,
  now: number,
): Promise<number> {
  return errorPercent(await readTraffic(clients, at, now - BEFORE_SECONDS, now));
}

/**
 * Watches the fleet while its first machine serves with the new release.
 *
 * @throws GateError `metrics`, `alarms` or `logs`.
 */
export async function watchFirst(
  clients: Pick<TrafficClients, "cloudWatch">,
  at: Watched,
  before: number,
  settings: WatchSettings,
  report: Report,
  clock: Clock,
): Promise<void> {
  const started = clock.now();
  const until = started + settings.waitSeconds;
  while (clock.now() < until) {
    await clock.sleep(Math.min(settings.pollSeconds, until - clock.now()));
    try {
      // Heard last: it holds up no other judgement.
      const complaint = settings.watch?.(clock.now() - started);
      complaint?.catch(() => {});
      const [reading, firing] = await Promise.all([
        readTraffic(clients, at, started, clock.now()),
        firingAlarms(clients, settings.alarms),
      ]);
      report(`in place: ${reading.requests} requests since then, ${reading.errors} errors`);
      judge(reading, firing, before, settings);
      const said = await complaint;
      if (said !== undefined) throw new GateError("logs", said);
    } catch (error) {
      if (!isTransient(error)) throw error;
      report(`in place: AWS did not answer (${(error as Error).name}), looking again`);
    }
  }
}

function judge(reading: TrafficReading, firing: string[], before: number, settings: WatchSettings): void {
  if (firing.length > 0)
    throw new GateError("alarms", `alarm ${firing.join(", ")} fired while the first machine was watched.`);
  if (reading.requests < settings.minRequests) return;
  const percent = errorPercent(reading);
  const allowed = Math.max(settings.maxErrorPercent, before);
  if (percent > allowed) {
    throw new GateError(
      "metrics",
      `${reading.errors} of ${reading.requests} requests failed while the first machine had the release (${percent.toFixed(1)} %, allowed ${allowed.toFixed(1)} %).`,
    );
  }
  const { latencySeconds = 0 } = reading;
  if (settings.maxLatencySeconds !== undefined && latencySeconds > settings.maxLatencySeconds) {
    throw new GateError(
      "metrics",
      `answers took ${latencySeconds.toFixed(2)} s (99th percentile) while the first machine had the release, above ${settings.maxLatencySeconds} s.`,
    );
  }
}
