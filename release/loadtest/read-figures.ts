import { GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import type { TrafficClients } from "../../components/web-tier/traffic";
import { type Layer, type LayerValues, type Measure, measuresOf, missingFigures } from "./measures";

/** Where CloudWatch keeps the metrics of a layer. A layer of several nodes has one place for each. */
export interface Place {
  namespace: string;
  dimensions: Record<string, string>[];
}

/** Those layers that the environment has. */
export type Places = { [L in Layer]?: Place };

/** Epoch seconds; whole periods of CloudWatch. */
export interface Window {
  from: number;
  to: number;
  periodSeconds: number;
}

export interface Point {
  /** Epoch seconds of the period's begin. */
  at: number;
  value: number;
}

export interface LayerReading {
  values: LayerValues;
  /** By layer and measure, oldest first. */
  series: { [L in Layer]?: Record<string, Point[]> };
}

/** The periods that lie within the load as a whole; where it was too short for that, those that it touches. */
export function windowOf(startedAt: number, endedAt: number, periodSeconds: number): Window {
  const inner = {
    from: Math.ceil(startedAt / periodSeconds) * periodSeconds,
    to: Math.floor(endedAt / periodSeconds) * periodSeconds,
    periodSeconds,
  };
  if (inner.to > inner.from) return inner;
  return {
    from: Math.floor(startedAt / periodSeconds) * periodSeconds,
    to: Math.ceil(endedAt / periodSeconds) * periodSeconds,
    periodSeconds,
  };
}

/** Reads every layer over the same window. What CloudWatch has not is left out. */
export async function readLayers(
  { cloudWatch }: Pick<TrafficClients, "cloudWatch">,
  places: Places,
  window: Window,
): Promise<LayerReading> {
  const wanted = Object.entries(places).flatMap(([layer, { namespace, dimensions }]) =>
    measuresOf(layer as Layer).flatMap(([key, measure]) =>
      dimensions.map((place) => ({ layer: layer as Layer, key, measure, namespace, place })),
    ),
  );
  const queries = wanted.map(
    ({ measure, namespace, place }, index): MetricDataQuery => ({
      Id: `q${index}`,
      MetricStat: {
        Metric: {
          Namespace: namespace,
          MetricName: measure.metric,
          Dimensions: Object.entries(place).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: window.periodSeconds,
        Stat: measure.statistic,
      },
    }),
  );
  const found = await getMetricData(cloudWatch, queries, window);
  const reading: LayerReading = { values: {}, series: {} };
  for (const layer of Object.keys(places) as Layer[]) {
    const values: Record<string, number> = {};
    const series: Record<string, Point[]> = {};
    for (const [key, measure] of measuresOf(layer)) {
      const nodes = wanted.flatMap((each, i) =>
        each.layer === layer && each.key === key ? [found.get(`q${i}`) ?? []] : [],
      );
      const points = busiest(nodes).map(({ at, value }) => ({ at, value: value * (measure.factor ?? 1) }));
      if (points.length === 0) continue;
      series[key] = points;
      values[key] = wholeOf(measure, points);
    }
    reading.values[layer] = values as never;
    reading.series[layer] = series;
  }
  return reading;
}

/** Numbers are a while on their way to CloudWatch: reads again until all are there, or until the time is over. */
export async function readWhenThere(
  read: () => Promise<LayerReading>,
  window: Window,
  wait: { seconds: number; pollSeconds: number; now(): number; sleep(seconds: number): Promise<void> },
): Promise<LayerReading> {
  const deadline = wait.now() + wait.seconds;
  for (;;) {
    const reading = await read();
    if (isWhole(reading, window) || wait.now() >= deadline) return reading;
    await wait.sleep(wait.pollSeconds);
  }
}

/** Nothing is missing, and the last period is there of what has one in each. */
function isWhole({ values, series }: LayerReading, { to, periodSeconds }: Window): boolean {
  if (missingFigures(values).length > 0) return false;
  return Object.entries(series).every(([layer, byKey]) =>
    measuresOf(layer as Layer)
      .filter(([, { needed }]) => needed)
      .every(([key]) => (byKey[key]?.at(-1)?.at ?? 0) >= to - periodSeconds),
  );
}

async function getMetricData(
  cloudWatch: TrafficClients["cloudWatch"],
  MetricDataQueries: MetricDataQuery[],
  { from, to }: Window,
): Promise<Map<string, Point[]>> {
  const found = new Map<string, Point[]>();
  let NextToken: string | undefined;
  do {
    const page = await cloudWatch.send(
      new GetMetricDataCommand({
        MetricDataQueries,
        StartTime: new Date(from * 1000),
        EndTime: new Date(to * 1000),
        ScanBy: "TimestampAscending",
        NextToken,
      }),
    );
    for (const { Id = "", Timestamps = [], Values = [] } of page.MetricDataResults ?? []) {
      const points = Timestamps.map((time, i) => ({ at: time.getTime() / 1000, value: Values[i] ?? 0 }));
      found.set(Id, [...(found.get(Id) ?? []), ...points]);
    }
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
}

/** Of several nodes the one that has most to do, for each measure on its own. */
function busiest(nodes: Point[][]): Point[] {
  const mean = (points: Point[]) => points.reduce((sum, { value }) => sum + value, 0) / points.length;
  return nodes.filter((points) => points.length > 0).sort((a, b) => mean(b) - mean(a))[0] ?? [];
}

function wholeOf({ whole }: Measure, points: Point[]): number {
  const values = points.map(({ value }) => value);
  const sum = values.reduce((total, value) => total + value, 0);
  if (whole === "highest") return Math.max(...values);
  return whole === "sum" ? sum : sum / values.length;
}
