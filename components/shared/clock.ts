/** Time, so that tests need not wait. Seconds. */
export interface Clock {
  now(): number;
  sleep(seconds: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now() / 1000,
  sleep: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
};
