import { latencyChart, requestsChart } from "../demo/charts";
import { makeSeries } from "../demo/series";
import type { Trace } from "../demo/trace";
import { figure, LATENCY_LEGEND, minute, renderDocument, tiles } from "../html/document";
import { escapeText } from "../html/text";
import { describeVerdict, type Suspect } from "./bottleneck";
import { type Compared, describeRatio } from "./compare";
import type { LoadTrace } from "./drive";
import { LayerCharts, type LayerPoints } from "./layer-charts";
import { LAYER_TITLES, LAYERS, measuresOf, showValue } from "./measures";
import type { LoadtestResult } from "./result";

export interface ReportedLoad extends LayerPoints {
  result: LoadtestResult;
  url: string;
  trace: LoadTrace;
  compared: Compared[];
}

/** A load test as one page. */
export function renderLoadtest({ result, url, trace, compared, ...points }: ReportedLoad): string {
  const { environment, profile, version, answers, at } = result;
  const drawn = makeSeries({ ...trace, weights: [] } satisfies Trace);
  const layers = new LayerCharts(points, trace, drawn.seconds);
  const highestRate = Math.max(0, ...profile.stages.map(({ rate = 0 }) => rate));
  return renderDocument({
    title: `Load test of ${environment}: ${profile.name}`,
    heading: `Load test ${profile.name} of ${environment}`,
    below: `${minute(Date.parse(at))} · release ${version} · ${url}`,
    parts: [
      tiles([
        { value: answers.requests.toLocaleString("en"), name: "requests" },
        {
          value: answers.failed.toLocaleString("en"),
          name: "failed",
          tone: answers.failed > 0 ? "bad" : "good",
        },
        { value: answers.answersPerSecond.toFixed(1), name: "answers per second" },
        { value: answers.p95 === undefined ? "–" : `${answers.p95} ms`, name: "p95 of the answer time" },
        { value: result.passed ? "held" : "missed", name: "limits", tone: result.passed ? "good" : "bad" },
      ]),
      verdict(result),
      figure(
        "Answers per second",
        "by the version that gave them; a cross is a failed request",
        requestsChart(drawn, highestRate),
      ),
      figure("Answer time", "as the load generator saw it", latencyChart(drawn), LATENCY_LEGEND),
      layers.figure(
        "Processors",
        "of each layer",
        "%",
        [
          ["machines", "cpu"],
          ["database", "cpu"],
          ["sessions", "cpu"],
        ],
        100,
      ),
      layers.figure("Latency of the stores", "as they tell it themselves", "ms", [
        ["database", "readLatency"],
        ["database", "writeLatency"],
        ["sessions", "readLatency"],
        ["sessions", "writeLatency"],
      ]),
      `<div class="columns">${layerTable(result)}${comparison(compared)}</div>`,
    ].filter((part) => part !== ""),
    footer:
      "Times are seconds since the load began. Figures of the layers are those of CloudWatch over the same time; percentiles of the load balancer are the worst period's.",
  });
}

function verdict({ verdict: { bottleneck, also, missing }, verdict: whole, missed }: LoadtestResult): string {
  const lines = [
    `<h2>${escapeText(describeVerdict(whole))}</h2>`,
    ...(bottleneck ? [advice(bottleneck)] : []),
    ...also.map((suspect) =>
      paragraph(`Also at its limit: ${LAYER_TITLES[suspect.layer]} (${suspect.figures.join(", ")}).`),
    ),
    ...(missing.length > 0 ? [paragraph(`Not there to read: ${missing.join(", ")}.`)] : []),
    ...missed.map((each) => `<blockquote>${escapeText(`Missed: ${each}`)}</blockquote>`),
  ];
  return `<section>${lines.join("")}</section>`;
}

const paragraph = (text: string): string => `<p>${escapeText(text)}</p>`;

const advice = ({ change, advice }: Suspect): string =>
  `<p><b>${escapeText(`First: ${change}.`)}</b> ${escapeText(advice)}</p>`;

function layerTable({ figures }: LoadtestResult): string {
  const rows = LAYERS.flatMap((layer) => {
    const values = figures[layer] as Record<string, number> | undefined;
    if (values === undefined) return [];
    const measured = measuresOf(layer).flatMap(([key, { title, unit }]) => {
      const value = values[key];
      return value === undefined ? [] : [row(LAYER_TITLES[layer], title, showValue(value, unit))];
    });
    return measured.length > 0 ? measured : [row(LAYER_TITLES[layer], "no figures", "–")];
  });
  const { fleet } = figures;
  const machines = fleet
    ? [row(LAYER_TITLES.machines, "most at one time", `${fleet.count} of ${fleet.limit}`)]
    : [];
  return table("Layers", ["Layer", "Figure", ""], [...rows, ...machines]);
}

function comparison(compared: readonly Compared[]): string {
  if (compared.length === 0) {
    return `<section><h2>Last run</h2><p>This is the first of this profile.</p></section>`;
  }
  const rows = compared.map((each) => row(each.figure, `${each.last} → ${each.now}`, describeRatio(each)));
  return table("Beside the last run", ["Figure", "Last and now", ""], rows);
}

const row = (first: string, second: string, third: string): string =>
  `<tr><td>${escapeText(first)}</td><td>${escapeText(second)}</td><td class="number">${escapeText(third)}</td></tr>`;

function table(title: string, [first, second, third]: [string, string, string], rows: string[]): string {
  const head = `<tr><th>${first}</th><th>${second}</th><th class="number">${third}</th></tr>`;
  return `<section><h2>${title}</h2><table><thead>${head}</thead><tbody>${rows.join("")}</tbody></table></section>`;
}
