/** Brings a store to what this version of Retrofit wants of it. Run as often as one likes: what is right is left alone. */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { lifecyclePolicy, snapshotPolicy } from "../content/lifecycle";
import { MAPPING } from "../content/mapping";
import { ON_FAILURE, PIPELINE_DESCRIPTION, pipelineProcessors } from "../content/pipeline";
import { applicationStream, systemStream } from "../forwarder/model";
import { isLacking, without } from "./lacking";
import { type LogStore, StoreError } from "./store";
import { type LogWriter, setUpWriter } from "./writer";

/** Counts up with every change of what environments share in a store: mapping and pipelines. */
export const CONTENT_VERSION = 4;

/** Names of what is in the store. */
export const NAMES = {
  mapping: "retrofit-logs-mapping",
  pipeline: "retrofit-logs",
  maskingPipeline: "retrofit-logs-masking",
  /** Not as those of environments are named, of which one may be called so. */
  earlyTemplate: "retrofit-early-logs",
  template: (environment: string) => `retrofit-logs-${environment}`,
  policy: (environment: string) => `retrofit-logs-${environment}`,
  repository: "retrofit-logs",
} as const;

export interface LogContent {
  readonly environment: string;
  /** Each gets a data stream of its own, beside the machines' own lines. */
  readonly applications: readonly string[];
  readonly retentionDays: number;
  /** Copies of each line beside the first; 1 where there is more than one node. */
  readonly replicas: number;
  /** Shards that a stream's index is divided into. Default 1. */
  readonly shards?: number;
  /** Size of a shard at which the next index is begun, in GB. Default 30. */
  readonly rolloverGb?: number;
  readonly snapshots?: SnapshotRepository & { readonly keepDays: number };
  /** Who machines sign in as. Default: nobody is made, as where they have a user of the store already. */
  readonly writer?: LogWriter;
}

export interface SnapshotRepository {
  readonly type: "s3" | "fs";
  /** As the repository's type wants them, such as `{ bucket, base_path, region, role_arn }`. */
  readonly settings: Readonly<Record<string, string | boolean>>;
}

export interface SetupStep {
  readonly what: string;
  readonly done: "made" | "changed" | "unchanged" | "skipped";
  readonly why?: string;
  /** The plugin that the store has not, where that is why it was skipped. */
  readonly lacks?: string;
}

export const streamsOf = ({
  environment,
  applications,
}: Pick<LogContent, "environment" | "applications">) => [
  ...applications.map((application) => applicationStream(application, environment)),
  systemStream(environment),
];

/** @throws Error where the store's content is of a newer Retrofit, which this one would spoil. */
export async function setUpStore(store: LogStore, content: LogContent): Promise<SetupStep[]> {
  const streams = streamsOf(content);
  await refuseOlder(store);
  const steps = [
    await setUpMapping(store),
    await setUpPipeline(store, NAMES.pipeline, { mask: false }),
    await setUpPipeline(store, NAMES.maskingPipeline, { mask: true }),
    await setUpTemplate(store, content, streams),
    await setUpEarlyTemplate(store),
  ];
  // Before the streams: a policy takes on the indexes that are made after it.
  steps.push(await setUpLifecycle(store, content, streams));
  for (const stream of streams) steps.push(await setUpStream(store, stream));
  // After the streams, so that no machine's line can come before them.
  if (content.writer) steps.push(...(await setUpWriter(store, content.writer)));
  if (content.snapshots) steps.push(...(await setUpSnapshots(store, content, streams)));
  return steps;
}

/** Of a content, so that an unchanged one is known whatever the store adds to it. */
const sumOf = (content: unknown) =>
  createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16);

interface Stamped {
  readonly _meta?: { readonly content?: string; readonly version?: number };
}

async function refuseOlder(store: LogStore): Promise<void> {
  const there = await componentTemplate(store);
  const version = there?._meta?.version ?? 0;
  if (version > CONTENT_VERSION) {
    throw new Error(
      `The log store has templates and pipelines of version ${version}; this Retrofit brings version ${CONTENT_VERSION}. Use the newer Retrofit, or an older store.`,
    );
  }
}

async function componentTemplate(store: LogStore): Promise<Stamped | undefined> {
  const path = `/_component_template/${NAMES.mapping}`;
  const found = await store.find<{ component_templates: { component_template: Stamped }[] }>(path);
  return found?.component_templates[0]?.component_template;
}

async function setUpMapping(store: LogStore): Promise<SetupStep> {
  const what = `mapping ${NAMES.mapping}`;
  const content = sumOf(MAPPING);
  const there = await componentTemplate(store);
  if (there?._meta?.content === content) return { what, done: "unchanged" };
  await store.send("PUT", `/_component_template/${NAMES.mapping}`, {
    version: CONTENT_VERSION,
    _meta: { content, version: CONTENT_VERSION },
    template: { mappings: MAPPING },
  });
  return { what, done: there ? "changed" : "made" };
}

async function setUpPipeline(store: LogStore, name: string, options: { mask: boolean }): Promise<SetupStep> {
  const what = `pipeline ${name}`;
  const wanted = {
    description: PIPELINE_DESCRIPTION,
    version: CONTENT_VERSION,
    processors: pipelineProcessors(options),
    on_failure: ON_FAILURE,
  };
  const there = (await store.find<Record<string, object>>(`/_ingest/pipeline/${name}`))?.[name];
  if (isDeepStrictEqual(there, wanted)) return { what, done: "unchanged" };
  await store.send("PUT", `/_ingest/pipeline/${name}`, wanted);
  return { what, done: there ? "changed" : "made" };
}

/**
 * For lines that come before their stream: a plain index, from which they are taken over. With its mapping from the start,
 * since those who send lines may not change one.
 */
async function setUpEarlyTemplate(store: LogStore): Promise<SetupStep> {
  return setUpIndexTemplate(store, NAMES.earlyTemplate, {
    index_patterns: ["logs-*"],
    // Below those of environments, whose streams are no matter of this one.
    priority: 100,
    composed_of: [NAMES.mapping],
    template: { settings: { "index.auto_expand_replicas": "0-1" } },
  });
}

interface StoredTemplate extends Stamped {
  readonly index_patterns?: readonly string[];
}

/** Streams of applications that are no longer named: they stay with their lines, and the store wants a template for each. */
async function streamsLeft(
  store: LogStore,
  former: readonly string[],
  streams: readonly string[],
): Promise<string[]> {
  const others = former.filter((stream) => !streams.includes(stream));
  const found = await Promise.all(others.map((stream) => store.find(`/_data_stream/${stream}`)));
  return others.filter((_, index) => found[index] !== undefined);
}

/** What is written into the store's slow logs: without thresholds nothing is. */
const SLOW_LOGS = {
  "index.search.slowlog.threshold.query.warn": "10s",
  "index.search.slowlog.threshold.query.info": "2s",
  "index.search.slowlog.threshold.fetch.warn": "5s",
  "index.indexing.slowlog.threshold.index.warn": "5s",
  "index.indexing.slowlog.threshold.index.info": "2s",
  // Of a line that took long, its beginning will do.
  "index.indexing.slowlog.source": "200",
} as const;

async function setUpTemplate(store: LogStore, content: LogContent, streams: string[]): Promise<SetupStep> {
  const name = NAMES.template(content.environment);
  const there = await indexTemplate(store, name);
  return setUpIndexTemplate(store, name, {
    index_patterns: [...streams, ...(await streamsLeft(store, there?.index_patterns ?? [], streams))],
    data_stream: {},
    priority: 200,
    composed_of: [NAMES.mapping],
    template: {
      settings: {
        "index.default_pipeline": NAMES.pipeline,
        "index.number_of_shards": content.shards ?? 1,
        "index.number_of_replicas": content.replicas,
        // Lines are to be found within five seconds; each second would take a busy store two fifths of its time.
        "index.refresh_interval": "2s",
        "index.codec": "best_compression",
        ...SLOW_LOGS,
      },
    },
  });
}

async function indexTemplate(store: LogStore, name: string): Promise<StoredTemplate | undefined> {
  const found = await store.find<{ index_templates: { index_template: StoredTemplate }[] }>(
    `/_index_template/${name}`,
  );
  return found?.index_templates[0]?.index_template;
}

async function setUpIndexTemplate(store: LogStore, name: string, wanted: object): Promise<SetupStep> {
  const what = `template ${name}`;
  const there = await indexTemplate(store, name);
  const sum = sumOf(wanted);
  if (there?._meta?.content === sum) return { what, done: "unchanged" };
  await store.send("PUT", `/_index_template/${name}`, {
    ...wanted,
    version: CONTENT_VERSION,
    _meta: { content: sum },
  });
  return { what, done: there ? "changed" : "made" };
}

/**
 * Makes the stream, or brings its newest index to the mapping. What cannot be changed in place (a field of another type)
 * begins a new backing index; what is in the old ones stays as it is.
 */
async function setUpStream(store: LogStore, stream: string): Promise<SetupStep> {
  const what = `stream ${stream}`;
  const found = await store.find<{ data_streams: { indices: { index_name: string }[] }[] }>(
    `/_data_stream/${stream}`,
  );
  const newest = found?.data_streams[0]?.indices.at(-1)?.index_name;
  if (newest === undefined) return { what, ...(await makeStream(store, stream)) };
  const before = await mappingOf(store, newest);
  try {
    await store.send("PUT", `/${newest}/_mapping`, MAPPING);
  } catch (error) {
    if (!(error instanceof StoreError) || error.status !== 400) throw error;
    await store.send("POST", `/${stream}/_rollover`);
    return { what, done: "changed", why: `a new backing index: ${error.message.replace(/^[^:]*: /, "")}` };
  }
  return { what, done: isDeepStrictEqual(before, await mappingOf(store, newest)) ? "unchanged" : "changed" };
}

/** How often an index is copied that goes on growing. */
const MOST_COPIES = 20;

/**
 * Lines that came before any setup have made a plain index under the stream's name: they are taken over. It is copied until
 * a copy brings nothing new, and then goes: what comes between the two, some milliseconds, goes with it.
 */
async function makeStream(store: LogStore, stream: string): Promise<Omit<SetupStep, "what">> {
  const early = (await store.find(`/${stream}`)) && `early-${stream}`;
  if (early) {
    for (let times = 0; times < MOST_COPIES; times++) {
      await store.send("POST", `/${stream}/_refresh`);
      if ((await copyLines(store, stream, early)) === 0) break;
    }
    await store.send("DELETE", `/${stream}`);
  }
  await createStream(store, stream);
  if (!early) return { done: "made" };
  await copyLines(store, early, stream);
  await store.send("DELETE", `/${early}`);
  return { done: "made", why: "with the lines that had come before" };
}

/** Unless the next line has made it, since there is a template for it. */
async function createStream(store: LogStore, stream: string): Promise<void> {
  try {
    await store.send("PUT", `/_data_stream/${stream}`);
  } catch (error) {
    if (!(error instanceof StoreError) || error.type !== "resource_already_exists_exception") throw error;
  }
}

/** Lines that were not there yet. */
async function copyLines(store: LogStore, from: string, to: string): Promise<number> {
  const { created } = await store.send<{ created: number }>("POST", "/_reindex?refresh=true", {
    conflicts: "proceed",
    source: { index: from },
    dest: { index: to, op_type: "create" },
  });
  return created;
}

const mappingOf = async (store: LogStore, index: string) =>
  (await store.send("GET", `/${index}/_mapping`))[index];

async function setUpLifecycle(store: LogStore, content: LogContent, streams: string[]): Promise<SetupStep> {
  const name = NAMES.policy(content.environment);
  const { retentionDays, rolloverGb = 30 } = content;
  const retention = { streams, retentionDays, rolloverGb };
  const sum = sumOf(lifecyclePolicy(retention, ""));
  const wanted = lifecyclePolicy(
    retention,
    `Lines of ${content.environment} for ${retentionDays} days [${sum}]`,
  );
  return setUpPolicy(store, {
    what: `lifecycle policy ${name}`,
    path: `/_plugins/_ism/policies/${name}`,
    plugin: "opensearch-index-management",
    sum,
    wanted,
    // The policy of a stream's indexes that are there already stays until they roll over.
    create: "PUT",
  });
}

interface PolicySetup {
  readonly what: string;
  readonly path: string;
  readonly plugin: string;
  readonly sum: string;
  readonly wanted: object;
  readonly create: "PUT" | "POST";
}

interface StoredPolicy {
  readonly _seq_no: number;
  readonly _primary_term: number;
  readonly policy?: { readonly description?: string };
  readonly sm_policy?: { readonly description?: string };
}

async function setUpPolicy(store: LogStore, policy: PolicySetup): Promise<SetupStep> {
  const { what, path, sum, wanted, create, plugin } = policy;
  let there: StoredPolicy | undefined;
  try {
    there = await store.find<StoredPolicy>(path);
  } catch (error) {
    if (!isLacking(error, "no handler found")) throw error;
    return { what, done: "skipped", ...without(plugin) };
  }
  if ((there?.policy ?? there?.sm_policy)?.description?.includes(`[${sum}]`))
    return { what, done: "unchanged" };
  const place = there ? `?if_seq_no=${there._seq_no}&if_primary_term=${there._primary_term}` : "";
  await store.send(there ? "PUT" : create, `${path}${place}`, wanted);
  return { what, done: there ? "changed" : "made" };
}

async function setUpSnapshots(store: LogStore, content: LogContent, streams: string[]): Promise<SetupStep[]> {
  const { keepDays, ...repository } = content.snapshots!;
  const name = NAMES.policy(content.environment);
  const plan = { repository: NAMES.repository, streams, keepDays };
  const sum = sumOf(snapshotPolicy(plan, ""));
  const what = `snapshot policy ${name}`;
  const registered = await setUpRepository(store, repository);
  if (registered.done === "skipped") {
    const { lacks } = registered;
    const why = `there is no ${registered.what}`;
    return [registered, { what, done: "skipped", why, ...(lacks && { lacks }) }];
  }
  return [
    registered,
    await setUpPolicy(store, {
      what,
      path: `/_plugins/_sm/policies/${name}`,
      plugin: "opensearch-index-management",
      sum,
      wanted: snapshotPolicy(plan, `Nightly, ${keepDays} days [${sum}]`),
      create: "POST",
    }),
  ];
}

/**
 * A store may refuse it: the managed form takes a repository only by a signed request, of somebody who is mapped to the right
 * to do so. Everything else is in place then, and the step says what was refused.
 */
async function setUpRepository(store: LogStore, { type, settings }: SnapshotRepository): Promise<SetupStep> {
  const what = `snapshot repository ${NAMES.repository}`;
  const path = `/_snapshot/${NAMES.repository}`;
  try {
    const found = await store.find<Record<string, { type: string; settings: Record<string, unknown> }>>(path);
    const there = found?.[NAMES.repository];
    const same =
      there?.type === type &&
      Object.entries(settings).every(([key, value]) => String(there.settings[key]) === String(value));
    if (same) return { what, done: "unchanged" };
    await store.send("PUT", path, { type, settings });
    return { what, done: there ? "changed" : "made" };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (isLacking(error, `repository type [${type}] does not exist`))
      return { what, done: "skipped", ...without(`repository-${type}`) };
    return { what, done: "skipped", why: `the store refused it with ${error.status}: ${error.reason}` };
  }
}
