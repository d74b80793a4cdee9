import type { Clock } from "./clients";
import { isTransient } from "./health-gate";

/** Seconds for which an AWS API may be out of reach before a call is given up: a restart, a failover, a lost line. */
export const OUTAGE_SECONDS = 180;

/** Makes a call again while it fails in a way that passes. The last error is thrown when the time is over. */
export async function retrying<T>(
  call: () => Promise<T>,
  clock: Clock,
  limitSeconds = OUTAGE_SECONDS,
): Promise<T> {
  const until = clock.now() + limitSeconds;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const pause = Math.min(attempt, 5);
      if (!isTransient(error) || clock.now() + pause > until) throw error;
      await clock.sleep(pause);
    }
  }
}
