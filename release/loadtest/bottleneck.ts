import {
  type Figures,
  LAYER_TITLES,
  type Layer,
  MEASURES,
  type Measure,
  missingFigures,
  showValue,
} from "./measures";

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

/** A layer that is at its limit, and the figures that show it. */
export interface Suspect {
  layer: Layer;
  figures: string[];
  change: Change;
  /** The change as a sentence. */
  advice: string;
}

export interface Verdict {
  /** The one to change first; null where no layer is at its limit. */
  bottleneck: Suspect | null;
  /** Others at their limit: they may be so only because of it. */
  also: Suspect[];
  /** Figures that should have been there: what was not read is not judged. */
  missing: string[];
}

/** From where on a layer is at its limit. */
const LIMIT = {
  cpuPercent: 80,
  /** Sessions at work for each vCPU of the database: with more of them some wait. */
  databaseLoad: 1,
  /** A healthy disk answers in a few. */
  diskMilliseconds: 20,
  /** A healthy store answers in less than one. */
  sessionMilliseconds: 10,
  memoryPercent: 90,
} as const;

/**
 * Names the layer that holds the others up. A layer waits for what is behind it, so where several are at their limit the one
 * furthest behind comes first: more machines would only press harder on a database that cannot keep up.
 */
export function nameBottleneck(figures: Figures): Verdict {
  const found = [database(figures), sessions(figures), machines(figures), loadBalancer(figures)];
  const [bottleneck = null, ...also] = found.filter((suspect) => suspect !== undefined);
  const number = figures.machines && !figures.fleet ? [`${LAYER_TITLES.machines}: how many there were`] : [];
  return { bottleneck, also, missing: [...missingFigures(figures), ...number] };
}

function database({ database: values }: Figures): Suspect | undefined {
  const { cpu = 0, load = 0, readLatency = 0, writeLatency = 0 } = values ?? {};
  const suspect = (change: Change, advice: string, ...figures: string[]): Suspect => {
    const connections = say("database", "connections", values?.connections);
    return { layer: "database", change, advice, figures: [...figures, ...connections] };
  };
  const says = {
    cpu: say("database", "cpu", values?.cpu),
    load: say("database", "load", values?.load),
    readLatency: say("database", "readLatency", values?.readLatency),
    writeLatency: say("database", "writeLatency", values?.writeLatency),
  };
  if (cpu >= LIMIT.cpuPercent) {
    return suspect(
      "larger database",
      "Set a larger retrofit:database.instanceClass; look at its costliest queries first (Performance Insights). Where most of them read, retrofit:database.replicas takes them off it.",
      ...says.cpu,
      ...says.load,
    );
  }
  if (writeLatency >= LIMIT.diskMilliseconds && writeLatency >= readLatency) {
    return suspect(
      "shard",
      "Its disk does not keep up with the writes: one database takes no more of them. Give its volume more throughput, and where that is done divide the data with retrofit:database.sharding.",
      ...says.writeLatency,
      ...says.load,
    );
  }
  if (readLatency >= LIMIT.diskMilliseconds) {
    const replica = "retrofit:database.replicas takes reads off it";
    return load >= LIMIT.databaseLoad
      ? suspect(
          "replica",
          `Its disk does not keep up with the reads: ${replica}.`,
          ...says.readLatency,
          ...says.load,
        )
      : suspect(
          "cache",
          `It reads from its disk what memory should hold: cache what is read often, or set an instance class with more memory; ${replica}.`,
          ...says.readLatency,
        );
  }
  if (load >= LIMIT.databaseLoad) {
    return suspect(
      "queries",
      "More sessions are at work than it has processors, and the processor is not what they wait for: look for locks and long transactions (Performance Insights, wait events).",
      ...says.load,
      ...says.cpu,
    );
  }
  return undefined;
}

function sessions({ sessions: values }: Figures): Suspect | undefined {
  const { cpu = 0, memory = 0, evictions = 0, readLatency = 0, writeLatency = 0 } = values ?? {};
  const latencies = [
    ...say("sessions", "readLatency", values?.readLatency),
    ...say("sessions", "writeLatency", values?.writeLatency),
  ];
  const suspect = (advice: string, ...figures: string[]): Suspect => ({
    ...{ layer: "sessions", change: "larger session store" },
    ...{ advice, figures: [...figures, ...say("sessions", "connections", values?.connections)] },
  });
  if (cpu >= LIMIT.cpuPercent) {
    return suspect(
      "Set a larger retrofit:sessions.nodeType, and keep less in each session: its engine has one processor, whatever the size.",
      ...say("sessions", "cpu", values?.cpu),
      ...latencies,
    );
  }
  if (evictions > 0 || memory >= LIMIT.memoryPercent) {
    return suspect(
      "Set a retrofit:sessions.nodeType with more memory, or keep sessions for a shorter time: users are logged out for want of room.",
      ...say("sessions", "memory", values?.memory),
      ...say("sessions", "evictions", values?.evictions),
    );
  }
  if (Math.max(readLatency, writeLatency) >= LIMIT.sessionMilliseconds) {
    return suspect(
      "Look for commands that keep it busy for long (SLOWLOG), then set a larger retrofit:sessions.nodeType.",
      ...latencies,
      ...say("sessions", "cpu", values?.cpu),
    );
  }
  return undefined;
}

function machines({ machines: values, fleet }: Figures): Suspect | undefined {
  const cpu = values?.cpu;
  if (cpu === undefined || fleet === undefined) return undefined;
  const { count, limit, targetCpu = LIMIT.cpuPercent } = fleet;
  const figures = [...say("machines", "cpu", cpu), `${count} machines of at most ${limit}`];
  const target = fleet.targetCpu === undefined ? [] : [`scaling keeps to ${targetCpu} % CPU`];
  if (count >= limit && cpu >= targetCpu) {
    return {
      ...{ layer: "machines", change: "more machines", figures: [...figures, ...target] },
      advice: "Raise retrofit:web.max, or set a larger retrofit:web.instanceType.",
    };
  }
  if (cpu < LIMIT.cpuPercent) return undefined;
  return {
    ...{ layer: "machines", change: "earlier scaling", figures: [...figures, ...target] },
    advice:
      "There was room for more machines, which came too late: lower retrofit:web.scaling.cpuPercent, or raise retrofit:web.min before a load that is known (retrofit:web.schedules).",
  };
}

function loadBalancer({ loadBalancer: values }: Figures): Suspect | undefined {
  const { rejected = 0 } = values ?? {};
  if (rejected === 0) return undefined;
  return {
    ...{ layer: "loadBalancer", change: "load balancer" },
    figures: say("loadBalancer", "rejected", rejected),
    advice:
      "The load balancer grows with the load, but not at once: ramp up more slowly, or reserve capacity units for a peak that is known.",
  };
}

/** `CPU 97 %`; nothing for a figure that is not there. */
function say<L extends Layer>(
  layer: L,
  key: keyof (typeof MEASURES)[L],
  value: number | undefined,
): string[] {
  if (value === undefined) return [];
  const { title, unit } = MEASURES[layer][key] as Measure;
  return [`${title} ${showValue(value, unit)}`];
}

/** The verdict in one sentence for a person. */
export function describeVerdict({ bottleneck, missing }: Verdict): string {
  if (bottleneck) {
    return `The bottleneck is the ${LAYER_TITLES[bottleneck.layer]}: ${bottleneck.figures.join(", ")}.`;
  }
  if (missing.length > 0) {
    return `No bottleneck found in what could be read; without figures nothing is known of ${missing.join(", ")}.`;
  }
  return "No layer came to its limit.";
}
