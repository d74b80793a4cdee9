/** What is read of each layer, as a table: the name that CloudWatch has for it, and what becomes of its numbers. */

export interface Measure {
  readonly title: string;
  readonly metric: string;
  readonly statistic: "Average" | "Maximum" | "Sum" | "p50" | "p95" | "p99";
  readonly unit: "%" | "ms" | "";
  /** What CloudWatch's number is multiplied with to have the unit. */
  readonly factor?: number;
  /** Of one number per period, what stands for the whole time. */
  readonly whole: "mean" | "highest" | "sum";
  /** Without it nothing can be said of the layer. */
  readonly needed?: true;
}

const count = (title: string, metric: string, more?: { needed: true }) =>
  ({ title, metric, statistic: "Sum", unit: "", whole: "sum", ...more }) as const;
const average = (title: string, metric: string, unit: Measure["unit"], factor = 1) =>
  ({ title, metric, statistic: "Average", unit, factor, whole: "mean" }) as const;
/** The worst period's: percentiles of periods cannot be added up. */
const percentile = (statistic: "p50" | "p95" | "p99") =>
  ({
    title: statistic,
    metric: "TargetResponseTime",
    statistic,
    unit: "ms",
    factor: 1000,
    whole: "highest",
  }) as const;

export const MEASURES = {
  loadBalancer: {
    requests: count("requests", "RequestCount", { needed: true }),
    p50: percentile("p50"),
    p95: percentile("p95"),
    p99: percentile("p99"),
    targetErrors: count("answers 5xx of the machines", "HTTPCode_Target_5XX_Count"),
    ownErrors: count("answers 5xx of its own", "HTTPCode_ELB_5XX_Count"),
    rejected: count("rejected connections", "RejectedConnectionCount"),
  },
  machines: {
    cpu: { ...average("CPU", "CPUUtilization", "%"), needed: true },
    highestCpu: {
      ...average("CPU of the busiest", "CPUUtilization", "%"),
      statistic: "Maximum",
      whole: "highest",
    },
  },
  database: {
    cpu: { ...average("CPU", "CPUUtilization", "%"), needed: true },
    load: average("sessions at work per vCPU", "DBLoadRelativeToNumVCPUs", ""),
    connections: { ...average("connections", "DatabaseConnections", ""), whole: "highest" },
    readLatency: average("read latency", "ReadLatency", "ms", 1000),
    writeLatency: average("write latency", "WriteLatency", "ms", 1000),
  },
  sessions: {
    cpu: { ...average("engine CPU", "EngineCPUUtilization", "%"), needed: true },
    connections: { ...average("connections", "CurrConnections", ""), whole: "highest" },
    readLatency: average("read latency", "SuccessfulReadRequestLatency", "ms", 0.001),
    writeLatency: average("write latency", "SuccessfulWriteRequestLatency", "ms", 0.001),
    memory: { ...average("memory in use", "DatabaseMemoryUsagePercentage", "%"), whole: "highest" },
    evictions: count("sessions thrown out", "Evictions"),
  },
} as const satisfies Record<string, Record<string, Measure>>;

export type Layer = keyof typeof MEASURES;
export const LAYERS = Object.keys(MEASURES) as Layer[];

export const LAYER_TITLES: Record<Layer, string> = {
  loadBalancer: "load balancer",
  machines: "machines",
  database: "database",
  sessions: "session store",
};

/** What was read of a layer; a figure that CloudWatch does not have is not there. */
export type Values<L extends Layer> = Partial<Record<keyof (typeof MEASURES)[L], number>>;

/** All layers that the environment has, over the same time. */
export type LayerValues = { [L in Layer]?: Values<L> };

export interface Fleet {
  /** Most machines at one time while the load was on. */
  count: number;
  /** Most that it may have. */
  limit: number;
  /** CPU percent that its scaling keeps to, where it follows the CPU. */
  targetCpu?: number;
}

export interface Figures extends LayerValues {
  fleet?: Fleet;
}

export const measuresOf = (layer: Layer): [string, Measure][] => Object.entries(MEASURES[layer]);

/** `database: CPU`: what should have been there, so that nobody takes its silence for health. */
export function missingFigures(figures: Figures): string[] {
  return LAYERS.flatMap((layer) => {
    const values = figures[layer] as Record<string, number> | undefined;
    if (values === undefined) return [];
    if (Object.keys(values).length === 0) return [`${LAYER_TITLES[layer]}: no figures`];
    return measuresOf(layer)
      .filter(([key, { needed }]) => needed && values[key] === undefined)
      .map(([, { title }]) => `${LAYER_TITLES[layer]}: ${title}`);
  });
}

/** `91 %`, `0.4 ms`, `1,204` */
export function showValue(value: number, unit: Measure["unit"]): string {
  const digits = value >= 10 || Number.isInteger(value) ? 0 : value >= 0.1 ? 1 : 2;
  const text = value.toLocaleString("en", { maximumFractionDigits: digits });
  return unit === "" ? text : `${text} ${unit}`;
}
