/** Questions to the log store, and what it answers. */
import { streamsOf } from "../../components/elk-stack/store/setup";
import type { LogStore } from "../../components/elk-stack/store/store";

/** From the worst to the least. */
export const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"] as const;
export type Level = (typeof LEVELS)[number];

export interface LogQuestion {
  readonly streams: readonly string[];
  /** Words that a message has to have, in the syntax of query strings: `timeout AND service.name:shop`. */
  readonly words?: string;
  readonly release?: string;
  /** This level and worse ones. */
  readonly level?: Level;
  /** Seconds back from now. */
  readonly sinceSeconds: number;
  readonly limit: number;
}

/** A line as the command line shows it. */
export interface LogLine {
  readonly id: string;
  readonly time: string;
  readonly ingested: string;
  readonly level: string;
  readonly service: string;
  readonly release: string;
  readonly fleet: string;
  readonly machine: string;
  readonly message: string;
}

interface Hit {
  readonly _id: string;
  readonly _source: {
    readonly "@timestamp"?: string;
    readonly message?: string;
    readonly event?: { readonly ingested?: string };
    readonly log?: { readonly level?: string };
    readonly service?: { readonly name?: string; readonly version?: string };
    readonly retrofit?: { readonly fleet?: string };
    readonly host?: { readonly id?: string };
  };
}

/** `90s`, `10m`, `2h`, `7d` in seconds; undefined where it is none of them. */
export function secondsOf(text: string): number | undefined {
  const found = /^(\d{1,5})([smhd])$/.exec(text);
  return found
    ? Number(found[1]) * { s: 1, m: 60, h: 3600, d: 86_400 }[found[2] as "s" | "m" | "h" | "d"]
    : undefined;
}

export const allStreams = (environment: string): string[] => [
  `logs-*-${environment}`,
  ...streamsOf({ environment, applications: [] }),
];

/** Newest lines first in the store's answer, oldest first in ours: the last thing said is the last thing read. */
export async function ask(
  store: LogStore,
  question: LogQuestion,
  ingestedSince?: string,
): Promise<LogLine[]> {
  const { hits } = await store.send<{ hits: { hits: Hit[] } }>(
    "POST",
    `/${question.streams.join(",")}/_search?ignore_unavailable=true`,
    {
      size: question.limit,
      sort: [{ "@timestamp": { order: "desc" } }, { "event.ingested": { order: "desc" } }],
      query: {
        bool: {
          filter: filters(question, ingestedSince),
          // What forwarders say of themselves is for who asks for it.
          ...(question.words ? {} : { must_not: [{ term: { "event.dataset": "forwarder" } }] }),
        },
      },
    },
  );
  return hits.hits.map(lineOf).reverse();
}

function filters(
  { words, release, level, sinceSeconds }: LogQuestion,
  ingestedSince: string | undefined,
): object[] {
  const since =
    ingestedSince === undefined
      ? { "@timestamp": { gte: `now-${sinceSeconds}s` } }
      : { "event.ingested": { gte: ingestedSince } };
  return [
    { range: since },
    ...(release === undefined ? [] : [{ term: { "service.version": release } }]),
    ...(level === undefined ? [] : [{ terms: { "log.level": LEVELS.slice(0, LEVELS.indexOf(level) + 1) } }]),
    ...(words ? [{ query_string: { query: words, default_field: "message", default_operator: "AND" } }] : []),
  ];
}

function lineOf({ _id, _source: source }: Hit): LogLine {
  return {
    id: _id,
    time: source["@timestamp"] ?? "",
    ingested: source.event?.ingested ?? "",
    level: source.log?.level ?? "",
    service: source.service?.name ?? "",
    release: source.service?.version ?? "",
    fleet: source.retrofit?.fleet ?? "",
    machine: source.host?.id ?? "",
    message: source.message ?? "",
  };
}
