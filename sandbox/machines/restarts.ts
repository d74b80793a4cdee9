/** When a machine's application that ended is started again, as systemd does with `Restart=on-failure`. */
export interface RestartPolicy {
  waitMilliseconds: number;
  /** Starts in a row that may fail before it stays down. */
  tries: number;
  /** One that ran for so long begins to count anew. */
  steadyMilliseconds: number;
}

export const likeSystemd: RestartPolicy = { waitMilliseconds: 1_000, tries: 5, steadyMilliseconds: 60_000 };

export type AfterExit = { restart: true; failures: number } | { restart: false; why: string };

export function afterExit(
  exit: { code: number | null; signal: NodeJS.Signals | null },
  ranMilliseconds: number,
  failuresBefore: number,
  policy: RestartPolicy = likeSystemd,
): AfterExit {
  const how = exit.signal === null ? `with exit code ${exit.code}` : `by ${exit.signal}`;
  if (exit.code === 0) return { restart: false, why: `ended ${how}; it is not started again` };
  const failures = (ranMilliseconds >= policy.steadyMilliseconds ? 0 : failuresBefore) + 1;
  if (failures > policy.tries)
    return { restart: false, why: `ended ${how} after ${policy.tries} new starts; it stays down` };
  return { restart: true, failures };
}
