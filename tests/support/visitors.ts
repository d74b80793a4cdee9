/** Visitors of a site: a steady stream of requests, each answer kept by version and status. */
import { Agent, get } from "node:http";

export interface Visit {
  /** Value of `X-Release`, or what went wrong. */
  readonly release: string;
  readonly status: number;
}

/** Asks for `url` at a rate per second until it is told to stop; gives all answers. */
export function visit(url: string, perSecond: number): { stop(): Promise<Visit[]> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const visits: Promise<Visit>[] = [];
  const timer = setInterval(() => visits.push(once(url, agent)), 1000 / perSecond);
  return {
    async stop() {
      clearInterval(timer);
      const all = await Promise.all(visits);
      agent.destroy();
      return all;
    },
  };
}

function once(url: string, agent: Agent): Promise<Visit> {
  return new Promise((resolve) => {
    const request = get(url, { agent, timeout: 15_000 }, (response) => {
      response.resume();
      const release = String(response.headers["x-release"] ?? "none");
      response.on("end", () => resolve({ release, status: response.statusCode ?? 0 }));
      response.on("error", (error) => resolve({ release: error.message, status: 0 }));
    });
    request.on("timeout", () => request.destroy(new Error("timeout")));
    request.on("error", (error) => resolve({ release: error.message, status: 0 }));
  });
}

/** How many answers of each version had which status, such as `{ "1.0.0 200": 120 }`. */
export function tally(visits: readonly Visit[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { release, status } of visits) {
    const key = `${release} ${status}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
