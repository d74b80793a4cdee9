import type { EventEmitter } from "node:events";
import autocannon from "autocannon";
import { Recorder, spread, TIMEOUT_SECONDS } from "../demo/load-worker";
import { isFailure, type Phase, type Sample } from "../demo/trace";
import { describeStage, type LoadRequest, type Stage } from "./profile";

/** All that was sent and answered. Times in epoch milliseconds. */
export interface LoadTrace {
  samples: Sample[];
  phases: Phase[];
}

/** How it goes, each second. */
export interface LoadProgress {
  stage: string;
  /** Of the stage. */
  seconds: number;
  sent: number;
  failed: number;
}

/** Puts the load of each stage on a site, one after another. Ends early, and says so by giving undefined, when it is told to stop. */
export async function drive(
  url: string,
  stages: readonly Stage[],
  requests: readonly LoadRequest[],
  { stop, tell }: { stop(): boolean; tell(progress: LoadProgress): void },
): Promise<LoadTrace | undefined> {
  const trace: LoadTrace = { samples: [], phases: [] };
  let failed = 0;
  for (const stage of stages) {
    const name = describeStage(stage);
    const startedAt = Date.now();
    const running = start(url, stage, requests);
    const take = () => {
      const news = running.recorder.take();
      for (const sample of news) trace.samples.push(sample);
      failed += news.filter(isFailure).length;
    };
    for (let second = 1; second <= stage.seconds && !stop(); second++) {
      await pause(startedAt + second * 1000 - Date.now());
      take();
      tell({ stage: name, seconds: second, sent: trace.samples.length, failed });
    }
    await running.end();
    take();
    trace.phases.push({ name, startedAt, endedAt: Date.now() });
    if (stop()) return undefined;
  }
  return trace;
}

function start(url: string, { seconds, rate, connections }: Stage, requests: readonly LoadRequest[]) {
  const recorder = new Recorder();
  const instances: autocannon.Instance[] = [];
  let asked = 0;
  const options = (): autocannon.Options => ({
    url,
    // Ended by us, once the time is over.
    duration: seconds + 3600,
    timeout: TIMEOUT_SECONDS,
    requests: inProportion(requests, asked++),
    setupClient: (client) => recorder.watch(client as unknown as EventEmitter),
  });
  const timers =
    rate === undefined
      ? []
      : spread(rate, (share) =>
          instances.push(autocannon({ ...options(), ...share, overallRate: share.rate }, () => {})),
        );
  if (connections !== undefined) instances.push(autocannon({ ...options(), connections }, () => {}));
  return {
    recorder,
    async end() {
      for (const timer of timers) clearTimeout(timer);
      recorder.close();
      const ended = instances.map((each) => new Promise((resolve) => each.once("done", resolve)));
      for (const instance of instances) (instance as unknown as { stop(): void }).stop();
      await Promise.all(ended);
    },
  };
}

/**
 * Each request as often as its weight says, spread evenly: 3 and 1 become A A B A. Connections go through the list one by one;
 * `offset` lets each begin elsewhere.
 */
export function inProportion(requests: readonly LoadRequest[], offset = 0): autocannon.Request[] {
  const places = requests.flatMap((request) =>
    Array.from({ length: request.weight }, (_, i) => ({ request, at: (i + 0.5) / request.weight })),
  );
  const list = places
    .sort((a, b) => a.at - b.at)
    .map(({ request: { path, method, headers, body } }) => ({
      path,
      method,
      ...(headers ? { headers } : {}),
      ...(body === undefined ? {} : { body }),
    }));
  const begin = offset % list.length;
  return [...list.slice(begin), ...list.slice(0, begin)];
}

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, milliseconds)));
