import { figure, LATENCY_LEGEND, minute, renderDocument, tiles } from "../html/document";
import { escapeText } from "../html/text";
import { latencyChart, requestsChart, weightsChart } from "./charts";
import { makeSeries, type Series } from "./series";
import type { Story } from "./story";
import { averageRate, describeRefusal } from "./summary";
import { loadWindow, type Segment, segments } from "./trace";

/** The demo as one page that needs nothing else: no scripts, no fonts, no requests. */
export function renderPage(story: Story): string {
  const series = makeSeries(story.trace);
  const { report, trace, rate, url } = story;
  return renderDocument({
    title: `Retrofit demo: ${report.failed} of ${report.requests} requests failed`,
    heading: "Release, refused release and rollback under load",
    below: `${minute(trace.phases[0]?.startedAt ?? 0)} · ${rate} requests per second asked, ${averageRate(story)} sent · ${url}`,
    parts: [
      demoTiles(story),
      figure(
        "Answers per second",
        "by the version that gave them; a cross is a failed request",
        requestsChart(series, rate),
        legend(series),
      ),
      figure(
        "Weights of the production listener",
        "what the gates let through, step by step",
        weightsChart(series),
      ),
      figure("Answer time", "as the load generator saw it", latencyChart(series), LATENCY_LEGEND),
      `<div class="columns">${timelineTable(story)}${phaseTable(story)}</div>`,
      refusal(story),
    ],
    footer: `Times are seconds since the load began. ${METHOD}`,
  });
}

const METHOD =
  "Switch: first change of the weights to the last answer of the former version, without the time for which steps were held on purpose. Rollback: the command to the last answer of the version rolled back.";

function demoTiles({ report }: Story): string {
  return tiles([
    { value: report.requests.toLocaleString("en"), name: "requests" },
    { value: report.failed.toLocaleString("en"), name: "failed", tone: report.failed === 0 ? "good" : "bad" },
    { value: `${report.switchSeconds} s`, name: "switch" },
    { value: `${report.rollbackSeconds} s`, name: "rollback" },
  ]);
}

function legend(series: Series): string {
  return series.versions
    .map(
      (version, index) => `<span class="key"><i class="swatch v${index}"></i>${escapeText(version)}</span>`,
    )
    .join("");
}

function timelineTable(story: Story): string {
  const { startedAt } = loadWindow(story.trace.samples);
  const list = (values: Record<string, number>, unit = "") =>
    Object.entries(values)
      .filter(([, n]) => n > 0)
      .map(([version, n]) => `${escapeText(version)}: ${n.toLocaleString("en")}${unit}`)
      .join("<br>");
  const row = (segment: Segment) =>
    `<tr><td>${seconds(segment.startedAt - startedAt)} – ${seconds(segment.endedAt - startedAt)}</td><td>${list(segment.weights, " %")}</td><td>${list(segment.served)}</td><td class="number">${segment.failed}</td></tr>`;
  return `<section><h2>Who served</h2><table><thead><tr><th>Seconds</th><th>Weights</th><th>Answered</th><th class="number">Failed</th></tr></thead><tbody>${segments(story.trace).map(row).join("")}</tbody></table></section>`;
}

function phaseTable({ report }: Story): string {
  const rows = report.phases.map(
    ({ name, seconds: n }) => `<tr><td>${escapeText(name)}</td><td class="number">${n.toFixed(1)}</td></tr>`,
  );
  return `<section><h2>Phases</h2><table><thead><tr><th>Phase</th><th class="number">Seconds</th></tr></thead><tbody>${rows.join("")}</tbody></table></section>`;
}

function refusal(story: Story): string {
  const { version, message } = story.refused;
  return `<section><h2>The release that was broken on purpose</h2><p>${escapeText(version)} ${escapeText(describeRefusal(story))}.</p>${message ? `<blockquote>${escapeText(message)}</blockquote>` : ""}</section>`;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}
