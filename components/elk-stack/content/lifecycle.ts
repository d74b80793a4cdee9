/** How long lines stay, and when they are copied: policies of the plugins Index State Management and Snapshot Management. */

export interface Retention {
  readonly streams: readonly string[];
  /** Days that a line can be found. */
  readonly retentionDays: number;
  /** Size of a shard at which the next index is begun, in GB. */
  readonly rolloverGb: number;
}

/**
 * A new index each day, or earlier when it is large; the old one is packed and, after its days, deleted. Counted from the
 * rollover, so that the last line of an index stays as long as promised.
 */
export function lifecyclePolicy({ streams, retentionDays, rolloverGb }: Retention, description: string) {
  const retry = { count: 3, backoff: "exponential", delay: "10m" };
  return {
    policy: {
      description,
      default_state: "hot",
      states: [
        {
          name: "hot",
          actions: [{ retry, rollover: { min_index_age: "1d", min_primary_shard_size: `${rolloverGb}gb` } }],
          transitions: [{ state_name: "kept", conditions: { min_rollover_age: "1h" } }],
        },
        {
          name: "kept",
          actions: [
            { retry, index_priority: { priority: 1 } },
            { retry, force_merge: { max_num_segments: 1 } },
          ],
          transitions: [{ state_name: "gone", conditions: { min_rollover_age: `${retentionDays}d` } }],
        },
        { name: "gone", actions: [{ retry, delete: {} }], transitions: [] },
      ],
      ism_template: [{ index_patterns: streams.map((stream) => `.ds-${stream}-*`), priority: 100 }],
    },
  };
}

export interface SnapshotPlan {
  readonly repository: string;
  readonly streams: readonly string[];
  /** Days that a snapshot is kept. */
  readonly keepDays: number;
}

/** A snapshot each night; never fewer than three of them. */
export function snapshotPolicy({ repository, streams, keepDays }: SnapshotPlan, description: string) {
  const nightly = { schedule: { cron: { expression: "0 2 * * *", timezone: "UTC" } }, time_limit: "2h" };
  return {
    description,
    enabled: true,
    creation: nightly,
    deletion: {
      schedule: { cron: { expression: "0 4 * * *", timezone: "UTC" } },
      time_limit: "1h",
      condition: { max_age: `${keepDays}d`, min_count: 3 },
    },
    snapshot_config: {
      indices: streams.join(","),
      repository,
      include_global_state: false,
      ignore_unavailable: true,
      partial: false,
    },
  };
}
