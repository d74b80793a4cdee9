/**
 * Policies of plugins that no test machine has. They are checked against what the OpenSearch project publishes as its API
 * (opensearch-api-specification, schemas ism._common and sm._common), written down here as far as it concerns them: a key
 * that is not in it is an error.
 */
import { z } from "zod";
import { savedObjectsFile } from "./dashboards";
import { lifecyclePolicy, snapshotPolicy } from "./lifecycle";
import { MAPPING } from "./mapping";

const duration = z.string().regex(/^\d+(d|h|m|s)$/);
const size = z.string().regex(/^\d+(gb|mb)$/);

const action = z.strictObject({
  retry: z
    .strictObject({ count: z.int(), backoff: z.enum(["exponential", "constant", "linear"]), delay: duration })
    .optional(),
  rollover: z
    .strictObject({
      min_size: size,
      min_index_age: duration,
      min_doc_count: z.number(),
      min_primary_shard_size: size,
      copy_alias: z.boolean(),
    })
    .partial()
    .optional(),
  index_priority: z.strictObject({ priority: z.number() }).optional(),
  force_merge: z.strictObject({ max_num_segments: z.int() }).optional(),
  delete: z.strictObject({}).optional(),
});

const state = z.strictObject({
  name: z.string(),
  actions: z.array(action),
  transitions: z.array(
    z.strictObject({
      state_name: z.string(),
      conditions: z
        .strictObject({
          min_index_age: duration,
          min_rollover_age: duration,
          min_doc_count: z.number(),
          min_size: size,
        })
        .partial()
        // The plugin takes one condition for each transition.
        .refine((conditions) => Object.keys(conditions).length === 1),
    }),
  ),
});

const policy = z.strictObject({
  policy: z.strictObject({
    description: z.string(),
    default_state: z.string(),
    states: z.array(state),
    ism_template: z.array(z.strictObject({ index_patterns: z.array(z.string()), priority: z.number() })),
  }),
});

const cron = z.strictObject({ cron: z.strictObject({ expression: z.string(), timezone: z.string() }) });
const snapshots = z.strictObject({
  description: z.string(),
  enabled: z.boolean(),
  creation: z.strictObject({ schedule: cron, time_limit: duration }),
  deletion: z.strictObject({
    schedule: cron,
    time_limit: duration,
    condition: z.strictObject({ max_age: duration, max_count: z.int(), min_count: z.int() }).partial(),
  }),
  snapshot_config: z.strictObject({
    repository: z.string(),
    indices: z.string(),
    include_global_state: z.boolean(),
    ignore_unavailable: z.boolean(),
    partial: z.boolean(),
    timeout: duration,
  }),
});

const retention = { streams: ["logs-shop-dev", "logs-system-dev"], retentionDays: 14, rolloverGb: 30 };

test("the lifecycle policy is one that the plugin's published schema knows", () => {
  expect(policy.safeParse(lifecyclePolicy(retention, "x")).error).toBeUndefined();
});

test("the snapshot policy is one that the plugin's published schema knows", () => {
  const plan = { repository: "retrofit-logs", streams: retention.streams, keepDays: 14 };
  expect(snapshots.safeParse(snapshotPolicy(plan, "x")).error).toBeUndefined();
});

test("a line goes as many days after its index was closed as the environment says, and every state is reached", () => {
  const { states, default_state, ism_template } = lifecyclePolicy(retention, "x").policy;
  const reached = new Set([
    default_state,
    ...states.flatMap(({ transitions }) => transitions.map(({ state_name }) => state_name)),
  ]);
  expect([...reached].sort()).toEqual(states.map(({ name }) => name).sort());
  const last = states
    .flatMap(({ transitions }) => transitions)
    .find(({ state_name }) => state_name === "gone");
  expect(last?.conditions).toEqual({ min_rollover_age: "14d" });
  expect(ism_template[0]?.index_patterns).toEqual([".ds-logs-shop-dev-*", ".ds-logs-system-dev-*"]);
});

test("saved searches and charts ask for fields that the mapping has, and everything that they name is there", () => {
  const objects = savedObjectsFile()
    .trim()
    .split("\n")
    .map(
      (line) =>
        JSON.parse(line) as {
          type: string;
          id: string;
          references: { type: string; id: string }[];
          attributes: Record<string, unknown>;
        },
    );
  const there = new Set(objects.map(({ type, id }) => `${type}/${id}`));
  for (const { references } of objects)
    for (const { type, id } of references) expect(there).toContain(`${type}/${id}`);
  const fields = objects.flatMap(({ attributes }) => [
    ...((attributes.columns as string[] | undefined) ?? []),
    ...[...String(attributes.visState ?? "").matchAll(/"field":"([^"]+)"/g)].map(([, field]) => field!),
  ]);
  expect(fields.length).toBeGreaterThan(5);
  for (const field of fields) expect(typeOf(field)).toBeDefined();
});

function typeOf(field: string): unknown {
  type Node = { properties?: Record<string, Node>; type?: string };
  return field.split(".").reduce<Node | undefined>((at, part) => at?.properties?.[part], MAPPING as Node)
    ?.type;
}
