import type { Progress } from "../progress";

/** How often a long step says that it is still under way, and how often at most, in milliseconds. */
const UPDATE_EVERY = 10_000;
const UPDATE_AT_MOST_EVERY = 10_000;

export function clock(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/**
 * Reports a step from start to end, with an update every few seconds. `say` sets what the updates tell; what the work
 * returns as `detail` closes the step.
 */
export async function step<T extends { detail?: string }>(
  progress: Progress,
  name: string,
  work: (say: (detail: string) => void) => Promise<T>,
): Promise<T> {
  const started = Date.now();
  let now = "";
  let told = 0;
  progress({ step: name, state: "start" });
  const update = () => {
    told = Date.now();
    const time = clock(Date.now() - started);
    progress({ step: name, state: "update", detail: now ? `${now} … ${time}` : `… ${time}` });
  };
  const timer = setInterval(update, UPDATE_EVERY);
  const seconds = () => Math.round((Date.now() - started) / 100) / 10;
  try {
    const result = await work((detail) => {
      if (detail === now) return;
      now = detail;
      if (Date.now() - told >= UPDATE_AT_MOST_EVERY) update();
    });
    progress({ step: name, state: "done", detail: result.detail, seconds: seconds() });
    return result;
  } catch (error) {
    progress({ step: name, state: "failed", detail: (error as Error).message, seconds: seconds() });
    throw error;
  } finally {
    clearInterval(timer);
  }
}
