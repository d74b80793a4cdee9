import type { Fleet, Layer, Values } from "./measures";

/** What to change first. */
export type Change =
  | "more machines"
  | "earlier scaling"
  | "larger database"
  | "queries"
  | "cache"
  | "replica"
  | "shard"
  | "larger session store"
  | "load balancer";

/** One way for a layer to be at its limit. */
export interface Rule<L extends Layer> {
  when(values: Values<L>, fleet: Fleet | undefined): boolean;
  /** The figures that show it, the most telling first. */
  shows: (keyof Values<L>)[];
  change: Change;
  /** The change as a sentence. */
  advice: string;
}

const BUSY_PERCENT = 80;
/** A healthy disk answers in a few. */
const SLOW_DISK_MS = 20;
/** A healthy store answers in less than one. */
const SLOW_STORE_MS = 10;
const FULL_PERCENT = 90;
/** Sessions at work for each vCPU of the database: with more of them some wait. */
const QUEUE = 1;

const REPLICA = "retrofit:database.replicas takes reads off it";

/** Of each layer the first that holds. A figure that is not there is at no limit. */
export const RULES: { [L in Layer]: Rule<L>[] } = {
  database: [
    {
      when: ({ cpu = 0 }) => cpu >= BUSY_PERCENT,
      shows: ["cpu", "load", "connections"],
      change: "larger database",
      advice:
        "Set a larger retrofit:database.instanceClass; look at its costliest queries first (Performance Insights). Where most of them read, retrofit:database.replicas takes them off it.",
    },
    {
      when: ({ writeLatency = 0, readLatency = 0 }) =>
        writeLatency >= SLOW_DISK_MS && writeLatency >= readLatency,
      shows: ["writeLatency", "load", "connections"],
      change: "shard",
      advice:
        "Its disk does not keep up with the writes: one database takes no more of them. Give its volume more throughput, and where that is done divide the data with retrofit:database.sharding.",
    },
    {
      when: ({ readLatency = 0, load = 0 }) => readLatency >= SLOW_DISK_MS && load >= QUEUE,
      shows: ["readLatency", "load", "connections"],
      change: "replica",
      advice: `Its disk does not keep up with the reads: ${REPLICA}.`,
    },
    {
      when: ({ readLatency = 0 }) => readLatency >= SLOW_DISK_MS,
      shows: ["readLatency", "connections"],
      change: "cache",
      advice: `It reads from its disk what memory should hold: cache what is read often, or set an instance class with more memory; ${REPLICA}.`,
    },
    {
      when: ({ load = 0 }) => load >= QUEUE,
      shows: ["load", "cpu", "connections"],
      change: "queries",
      advice:
        "More sessions are at work than it has processors, and the processor is not what they wait for: look for locks and long transactions (Performance Insights, wait events).",
    },
  ],
  sessions: [
    {
      when: ({ cpu = 0 }) => cpu >= BUSY_PERCENT,
      shows: ["cpu", "readLatency", "writeLatency", "connections"],
      change: "larger session store",
      advice:
        "Set a larger retrofit:sessions.nodeType, and keep less in each session: its engine has one processor, whatever the size.",
    },
    {
      when: ({ evictions = 0, memory = 0 }) => evictions > 0 || memory >= FULL_PERCENT,
      shows: ["memory", "evictions", "connections"],
      change: "larger session store",
      advice:
        "Set a retrofit:sessions.nodeType with more memory, or keep sessions for a shorter time: users are logged out for want of room.",
    },
    {
      when: ({ readLatency = 0, writeLatency = 0 }) => Math.max(readLatency, writeLatency) >= SLOW_STORE_MS,
      shows: ["readLatency", "writeLatency", "cpu", "connections"],
      change: "larger session store",
      advice:
        "Look for commands that keep it busy for long (SLOWLOG), then set a larger retrofit:sessions.nodeType.",
    },
  ],
  machines: [
    {
      when: ({ cpu = 0 }, fleet) =>
        fleet !== undefined && fleet.count >= fleet.limit && cpu >= (fleet.targetCpu ?? BUSY_PERCENT),
      shows: ["cpu"],
      change: "more machines",
      advice: "Raise retrofit:web.max, or set a larger retrofit:web.instanceType.",
    },
    {
      when: ({ cpu = 0 }, fleet) => fleet !== undefined && fleet.count < fleet.limit && cpu >= BUSY_PERCENT,
      shows: ["cpu"],
      change: "earlier scaling",
      advice:
        "There was room for more machines, which came too late: lower retrofit:web.scaling.cpuPercent, or raise retrofit:web.min before a load that is known (retrofit:web.schedules).",
    },
  ],
  loadBalancer: [
    {
      when: ({ rejected = 0 }) => rejected > 0,
      shows: ["rejected"],
      change: "load balancer",
      advice:
        "The load balancer grows with the load, but not at once: ramp up more slowly, or reserve capacity units for a peak that is known.",
    },
  ],
};
