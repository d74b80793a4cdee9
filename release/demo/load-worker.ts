import type { EventEmitter } from "node:events";
import autocannon from "autocannon";
import type { Context } from "../context";
import type { Sample } from "./trace";

/** Generators side by side, each of which sends its share of a second's requests at a moment of its own. */
const GENERATORS = 20;
const CONNECTIONS = 2;
export const TIMEOUT_SECONDS = 10;
const REPORT_MILLISECONDS = 250;

export type LoadMessage = { samples: Sample[]; last?: true };

/**
 * Body of the load's own process: a steady rate of requests over keep-alive connections, every one of which is told
 * to the parent. Ends with the parent, however that ends.
 */
export async function generateLoad(context: Context, url: string, rate: number): Promise<void> {
  // Ctrl-C goes to the whole group; the parent decides when the load ends.
  context.interrupts.close();
  process.on("SIGINT", () => {});
  process.on("disconnect", () => process.exit(0));

  const recorder = new Recorder();
  spread(rate, (share) => startGenerator(url, share, recorder));
  const timer = setInterval(() => send({ samples: recorder.take() }), REPORT_MILLISECONDS);
  await new Promise<void>((resolve) => process.once("message", () => resolve()));
  clearInterval(timer);
  recorder.close();
  await send({ samples: recorder.take(), last: true });
  process.exit(0);
}

/** A generator's part of a rate. */
export interface RateShare {
  rate: number;
  connections: number;
}

/** autocannon sends a second's requests as fast as it can; starting several apart makes the rate steady. */
export function spread(
  rate: number,
  start: (share: RateShare) => void,
  connections = CONNECTIONS,
): NodeJS.Timeout[] {
  return Array.from({ length: GENERATORS }, (_, index) => {
    const share = Math.floor(rate / GENERATORS) + (index < rate % GENERATORS ? 1 : 0);
    return { rate: share, connections: Math.min(connections, share) };
  }).flatMap((share, index) =>
    share.rate > 0 ? [setTimeout(() => start(share), (index * 1000) / GENERATORS)] : [],
  );
}

function startGenerator(url: string, { rate, connections }: RateShare, recorder: Recorder): void {
  autocannon(
    {
      url,
      connections,
      overallRate: rate,
      duration: 24 * 3600,
      timeout: TIMEOUT_SECONDS,
      setupClient: (client: unknown) => recorder.watch(client as EventEmitter),
    } as autocannon.Options,
    () => {},
  );
}

function send(message: LoadMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.send) throw new Error("The load generator reports to the process that started it.");
    process.send(message, () => resolve());
  });
}

/**
 * Keeps every request from its sending to its answer. autocannon counts answers and connection errors, but a request
 * whose connection is closed under it goes unnoticed there; here it is a failure.
 */
export class Recorder {
  private samples: Sample[] = [];
  private readonly closers: (() => void)[] = [];

  watch(client: EventEmitter): void {
    let sentAt: number | undefined;
    let version: string | undefined;
    const add = (status: number, error?: string) => {
      if (sentAt === undefined) return;
      const milliseconds = Date.now() - sentAt;
      this.samples.push({
        sentAt,
        milliseconds,
        status,
        ...(version === undefined ? {} : { version }),
        ...(error === undefined ? {} : { error }),
      });
      sentAt = undefined;
      version = undefined;
    };
    const lost = () => {
      if (sentAt === undefined) return;
      const timedOut = Date.now() - sentAt >= TIMEOUT_SECONDS * 1000;
      add(0, timedOut ? `no answer in ${TIMEOUT_SECONDS} s` : "connection closed before the answer");
    };
    client.on("request", () => {
      lost();
      sentAt = Date.now();
    });
    client.on("headers", ({ headers }: { headers: string[] }) => {
      version = headerOf(headers, "x-release");
    });
    client.on("response", (status: number) => add(status));
    client.on("connError", (error: NodeJS.ErrnoException) => add(0, error.code ?? error.message));
    // What is under way when the load ends is cut off by us, unless it has hung for long.
    this.closers.push(() => {
      if (sentAt !== undefined && Date.now() - sentAt > 2000) add(0, "no answer when the load ended");
    });
  }

  take(): Sample[] {
    const samples = this.samples;
    this.samples = [];
    return samples;
  }

  close(): void {
    for (const close of this.closers) close();
  }
}

function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) return headers[index + 1];
  }
  return undefined;
}
