/** Questions to the log store, and what it answers. */
import { systemStream } from "../../components/elk-stack/forwarder/model";
import { type LogStore, StoreError } from "../../components/elk-stack/store/store";
import { wrongUse } from "../errors";

/** From the worst to the least. */
export const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"] as const;
export type Level = (typeof LEVELS)[number];

export interface LogQuestion {
  readonly environment: string;
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

/** Streams in which an environment's lines are. Those of applications may be of an environment whose name ends the same. */
export const allStreams = (environment: string): string[] => [
  `logs-*-${environment}`,
  systemStream(environment),
];

/** Most lines of one answer. */
const PAGE = 1_000;
const SCROLL = "1m";

/** The newest lines, oldest first: the last thing said is the last thing read. */
export async function ask(store: LogStore, question: LogQuestion): Promise<LogLine[]> {
  const { hits } = await search(store, question, {
    size: question.limit,
    sort: [{ "@timestamp": { order: "desc" } }, { "event.ingested": { order: "desc" } }],
    query: queryOf(question, { range: { "@timestamp": { gte: `now-${question.sinceSeconds}s` } } }),
  });
  return hits.hits.map(lineOf).reverse();
}

/** Every line that the store has taken in the last so many seconds by its own clock, oldest first, however many they are. */
export async function askTaken(store: LogStore, question: LogQuestion, seconds: number): Promise<LogLine[]> {
  const body = {
    size: PAGE,
    sort: [{ "@timestamp": { order: "asc" } }, { "event.ingested": { order: "asc" } }],
    query: queryOf(question, { range: { "event.ingested": { gte: `now-${Math.ceil(seconds)}s` } } }),
  };
  const first = await search(store, question, body);
  if (first.hits.hits.length < PAGE) return first.hits.hits.map(lineOf);
  let page = await search(store, question, body, SCROLL);
  const lines: LogLine[] = [];
  try {
    while (page.hits.hits.length > 0) {
      lines.push(...page.hits.hits.map(lineOf));
      const next = { scroll: SCROLL, scroll_id: page._scroll_id };
      page = await store.send<Found>("POST", "/_search/scroll", next);
    }
  } finally {
    await store.send("DELETE", "/_search/scroll", { scroll_id: page._scroll_id }).catch(() => {});
  }
  return lines;
}

interface Cause {
  readonly type?: string;
  readonly reason?: string;
}

interface Found {
  readonly _scroll_id?: string;
  readonly _shards?: { readonly failures?: readonly { readonly reason?: Cause }[] };
  readonly hits: { readonly hits: Hit[] };
}

async function search(
  store: LogStore,
  { environment, words }: LogQuestion,
  body: object,
  scroll?: string,
): Promise<Found> {
  const path = `/${allStreams(environment).join(",")}/_search?ignore_unavailable=true`;
  try {
    const found = await store.send<Found>("POST", scroll ? `${path}&scroll=${scroll}` : path, body);
    // Indexes without a line of that time are not asked, and count as if they had understood it.
    const failure = found._shards?.failures?.find(({ reason }) => reason?.type === "query_shard_exception");
    if (failure && words) throw notUnderstood(words, failure.reason?.reason ?? "");
    return found;
  } catch (error) {
    if (!(error instanceof StoreError) || error.status !== 400 || !words) throw error;
    throw notUnderstood(words, error.reason);
  }
}

const notUnderstood = (words: string, why: string) =>
  wrongUse(
    `The store does not understand the query "${words}": ${why}`,
    "Put what has signs in it into quotes: '\"GET /a (b)\"'. AND, OR, NOT and field:value are its words.",
  );

function queryOf({ environment, words, release, level }: LogQuestion, since: object): object {
  return {
    bool: {
      filter: [
        since,
        ofEnvironment(environment),
        ...(release === undefined ? [] : [{ term: { "service.version": release } }]),
        ...(level === undefined
          ? []
          : [{ terms: { "log.level": LEVELS.slice(0, LEVELS.indexOf(level) + 1) } }]),
        ...(words
          ? [{ query_string: { query: words, default_field: "message", default_operator: "AND" } }]
          : []),
      ],
      // What forwarders say of themselves is for who asks for it.
      ...(words ? {} : { must_not: [{ term: { "event.dataset": "forwarder" } }] }),
    },
  };
}

/** Others' lines in the system stream, as of Logstash, name no environment: that stream is of one only. */
function ofEnvironment(environment: string): object {
  const stream = systemStream(environment);
  return {
    bool: {
      minimum_should_match: 1,
      should: [
        { term: { "service.environment": environment } },
        {
          bool: {
            must_not: [{ exists: { field: "service.environment" } }],
            filter: [
              {
                bool: {
                  should: [{ term: { _index: stream } }, { wildcard: { _index: `.ds-${stream}-*` } }],
                },
              },
            ],
          },
        },
      ],
    },
  };
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
