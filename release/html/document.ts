/** Pages that need nothing else: no scripts, no fonts, no requests. */
import { escapeText } from "./text";

export interface Document {
  title: string;
  heading: string;
  /** What stands below the heading. */
  below: string;
  /** HTML. */
  parts: string[];
  footer: string;
}

export function renderDocument({ title, heading, below, parts, footer }: Document): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${escapeText(heading)}</h1>
<p>${escapeText(below)}</p>
</header>
${parts.join("\n")}
<footer>${escapeText(footer)}</footer>
</main>
</body>
</html>
`;
}

/** `2030-01-31 12:00 UTC` */
export function minute(at: number): string {
  return `${new Date(at).toISOString().replace("T", " ").slice(0, 16)} UTC`;
}

export interface Tile {
  value: string;
  name: string;
  tone?: "good" | "bad";
}

export function tiles(all: readonly Tile[]): string {
  const cells = all.map(
    ({ value, name, tone = "" }) =>
      `<div class="tile ${tone}"><strong>${escapeText(value)}</strong><span>${escapeText(name)}</span></div>`,
  );
  return `<section class="tiles">${cells.join("")}</section>`;
}

/** What the lines of an answer-time chart are. */
export const LATENCY_LEGEND =
  '<span class="key"><i class="swatch p50"></i>median</span><span class="key"><i class="swatch p99"></i>99th percentile</span>';

export function figure(title: string, what: string, chart: string, below = ""): string {
  return `<figure><figcaption><b>${title}</b> ${what}${below ? `<span class="legend">${below}</span>` : ""}</figcaption>${chart}</figure>`;
}

const STYLE = `
:root{color-scheme:light dark;--bg:#fbfbfa;--card:#fff;--text:#1d2327;--soft:#66707a;--line:#e3e6e8;--band:#f3f5f6;--good:#1a7f4b;--bad:#c6303e;--v0:#3b6fd4;--v1:#2a9d78;--v2:#d9822b;--v3:#8a5cc7;--p50:#3b6fd4;--p99:#d9822b}
@media (prefers-color-scheme:dark){:root{--bg:#14181b;--card:#1b2024;--text:#e6e9eb;--soft:#99a4ad;--line:#2c343a;--band:#222a2f;--good:#4cc38a;--bad:#ff6b74;--v0:#5b8def;--v1:#3db88f;--v2:#e39a4f;--v3:#a884e0;--p50:#5b8def;--p99:#e39a4f}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1120px;margin:0 auto;padding:32px 20px 48px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px}
h2{font-size:16px;margin:0 0 8px}
header p,footer{color:var(--soft);margin:0}
footer{margin-top:28px;font-size:13px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:22px 0}
.tile,figure,.columns>section,main>section:not(.tiles){background:var(--card);border:1px solid var(--line);border-radius:10px}
.tile{padding:14px 18px}
.tile strong{display:block;font-size:26px;line-height:1.2;font-variant-numeric:tabular-nums}
.tile span{color:var(--soft)}
.tile.good strong{color:var(--good)}.tile.bad strong{color:var(--bad)}
figure{margin:0 0 14px;padding:14px 14px 6px}
figcaption{color:var(--soft);padding:0 4px 6px}figcaption b{color:var(--text);margin-right:6px}
.legend{float:right}.key{margin-left:14px;white-space:nowrap}
.swatch{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:6px;vertical-align:-1px}
svg{display:block;width:100%;height:auto}
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--soft)}
.phase-name{fill:var(--text);font-weight:600}
.share{text-anchor:middle;fill:#fff;font-weight:600}
.grid{stroke:var(--line);stroke-width:1}
.edge{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3;opacity:.6}
.phase{fill:var(--band)}.phase.p1{opacity:.45}
.area{stroke:none;opacity:.92}
.line{fill:none;stroke-width:1.6;stroke-linejoin:round}
${[0, 1, 2, 3].map((n) => `.line.v${n}{stroke:var(--v${n})}`).join("")}
.line.p50{stroke:var(--p50)}.line.p99{stroke:var(--p99)}
.swatch.p50{background:var(--p50)}.swatch.p99{background:var(--p99)}
.failure{stroke:var(--bad);stroke-width:2.4;stroke-linecap:round}
${[0, 1, 2, 3].map((n) => `.area.v${n}{fill:var(--v${n})}.swatch.v${n}{background:var(--v${n})}`).join("")}
.columns{display:grid;grid-template-columns:2fr 1fr;gap:14px;margin-bottom:14px}
@media (max-width:760px){.columns{grid-template-columns:1fr}.legend{float:none;display:block}.key:first-child{margin-left:0}}
.columns>section,main>section:not(.tiles){padding:16px 18px;overflow-x:auto}
main>section:not(.tiles){margin-bottom:14px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:5px 12px 5px 0;border-top:1px solid var(--line);white-space:nowrap}
thead th{border-top:0;color:var(--soft);font-weight:500}
.number{text-align:right;padding-right:0}
blockquote{margin:0;padding:8px 14px;border-left:3px solid var(--line);color:var(--soft)}
`.replaceAll("\n", "");
