/** What a release's log lines say about it. */
import type { LogStore } from "./store";

export interface ErrorCount {
  readonly lines: number;
  readonly errors: number;
}

/** Errors of a release below which nothing is judged: one line may be chance. */
const LEAST_ERRORS = 5;
/** Share of a release's lines that may be errors whatever the serving one does. */
const LEAST_SHARE = 0.01;
/** How much worse than the serving release is a rise. */
const RISE = 2;

/** Lines and errors in a stream by version, of the last so many seconds. */
export async function errorsByVersion(
  store: LogStore,
  stream: string,
  sinceSeconds: number,
): Promise<Record<string, ErrorCount>> {
  type Bucket = { key: string; doc_count: number; errors: { doc_count: number } };
  const answer = await store.send<{ aggregations?: { versions: { buckets: Bucket[] } } }>(
    "POST",
    `/${stream}/_search?ignore_unavailable=true`,
    {
      size: 0,
      query: { range: { "@timestamp": { gte: `now-${Math.ceil(sinceSeconds)}s` } } },
      aggs: {
        versions: {
          terms: { field: "service.version", size: 20 },
          aggs: { errors: { filter: { terms: { "log.level": ["error", "fatal"] } } } },
        },
      },
    },
  );
  const buckets = answer.aggregations?.versions.buckets ?? [];
  return Object.fromEntries(
    buckets.map(({ key, doc_count, errors }) => [key, { lines: doc_count, errors: errors.doc_count }]),
  );
}

/** Why a release should be turned away by its log lines; undefined where there is no reason. */
export function errorRise(counts: Readonly<Record<string, ErrorCount>>, version: string): string | undefined {
  const release = counts[version];
  if (!release || release.errors < LEAST_ERRORS) return undefined;
  const serving = Object.entries(counts)
    .filter(([other]) => other !== version)
    .reduce((sum, [, { lines, errors }]) => ({ lines: sum.lines + lines, errors: sum.errors + errors }), {
      lines: 0,
      errors: 0,
    });
  const [ours, theirs] = [share(release), share(serving)];
  if (ours <= LEAST_SHARE || ours <= theirs * RISE) return undefined;
  return `${release.errors} of ${release.lines} log lines of ${version} are errors (${percent(ours)}), those of the serving release ${percent(theirs)}.`;
}

const share = ({ lines, errors }: ErrorCount): number => (lines === 0 ? 0 : errors / lines);
const percent = (of: number): string => `${(of * 100).toFixed(1)} %`;
