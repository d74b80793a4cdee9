/**
 * Policies of plugins that no test machine has. They are held to the schema that the OpenSearch project publishes of the
 * plugins' API: opensearch-api-specification, spec/schemas/ism._common.yaml (2aee16a9) and sm._common.yaml (0094427d), read
 * there and written down here with every key of the parts that we use. A key that is not in them is an error, though the
 * plugins themselves were never asked. What a transition may wait for is open in that schema: those names are from the
 * documentation of Index State Management.
 */
import { z } from "zod";
import { savedObjectsFile } from "./dashboards";
import { lifecyclePolicy, snapshotPolicy } from "./lifecycle";
import { MAPPING } from "./mapping";

/** Texts in the schema; what they may say is the documentation's. */
const duration = z.string().regex(/^\d+(d|h|m|s)$/);
const size = z.string().regex(/^\d+(gb|mb)$/);
const none = z.strictObject({});

const action = z
  .strictObject({
    retry: z
      .strictObject({
        count: z.int(),
        backoff: z.enum(["exponential", "constant", "linear"]),
        delay: duration,
      })
      .partial(),
    rollover: z
      .strictObject({
        min_size: size,
        min_index_age: duration,
        min_doc_count: z.number(),
        min_primary_shard_size: size,
        copy_alias: z.boolean(),
      })
      .partial(),
    replica_count: z.strictObject({ number_of_replicas: z.number() }),
    index_priority: z.strictObject({ priority: z.number() }),
    force_merge: z.strictObject({ max_num_segments: z.int() }),
    snapshot: z.strictObject({
      repository: z.string(),
      snapshot: z.string(),
      include_global_state: z.boolean(),
    }),
    read_only: none,
    read_write: none,
    close: none,
    open: none,
    delete: none,
  })
  .partial();

const conditions = z
  .strictObject({
    min_index_age: duration,
    min_rollover_age: duration,
    min_doc_count: z.number(),
    min_size: size,
    cron: z.unknown(),
  })
  .partial()
  // The plugin takes one condition for each transition.
  .refine((found) => Object.keys(found).length === 1);

const policy = z.strictObject({
  policy: z
    .strictObject({
      policy_id: z.string(),
      description: z.string(),
      last_updated_time: z.int(),
      schema_version: z.number(),
      error_notification: z.unknown(),
      default_state: z.string(),
      states: z.array(
        z.strictObject({
          name: z.string(),
          actions: z.array(action),
          transitions: z.array(z.strictObject({ state_name: z.string(), conditions })),
        }),
      ),
      ism_template: z.array(
        z
          .strictObject({
            index_patterns: z.array(z.string()),
            priority: z.number(),
            last_updated_time: z.int(),
          })
          .partial(),
      ),
    })
    .partial(),
});

const cron = z.strictObject({ cron: z.strictObject({ expression: z.string(), timezone: z.string() }) });
const optional = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).partial();
const snapshots = z.strictObject({
  description: z.string().optional(),
  enabled: z.boolean().optional(),
  creation: z.strictObject({ schedule: cron, time_limit: duration.optional() }),
  deletion: optional({
    schedule: cron,
    time_limit: duration,
    condition: optional({ max_age: duration, max_count: z.int(), min_count: z.int() }),
  }).optional(),
  snapshot_config: z.strictObject({
    repository: z.string(),
    ...optional({
      date_format: z.string(),
      timezone: z.string(),
      indices: z.string(),
      ignore_unavailable: z.boolean(),
      include_global_state: z.boolean(),
      partial: z.boolean(),
      metadata: z.record(z.string(), z.string()),
    }).shape,
  }),
  notification: z.unknown().optional(),
});

const retention = { streams: ["logs-shop-dev", "logs-system-dev"], retentionDays: 14, rolloverGb: 30 };

test("the lifecycle policy is one that the plugin's published schema knows", () => {
  expect(policy.safeParse(lifecyclePolicy(retention, "x")).error).toBeUndefined();
  const { states, ...rest } = lifecyclePolicy(retention, "x").policy;
  expect(policy.safeParse({ policy: { ...rest, state: states } }).success).toBe(false);
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
