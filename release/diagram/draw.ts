/** Draws a picture as SVG. Zones are columns, tiers are rows; what spans zones spans their columns. */
import { escapeText } from "../html/text";
import { type Item, type Picture, TIERS, type Tier } from "./model";

const COLUMN = 220;
const GAP = 16;
const SIDE = 210;
const LINE = 16;
const TITLE: Record<Tier, string> = { public: "public subnets", app: "app subnets", data: "data subnets" };

interface Place {
  x: number;
  y: number;
  width: number;
}

export function draw(picture: Picture): string {
  const columns = Math.max(1, picture.zones.length);
  const left = picture.offices.length > 0 ? SIDE + 2 * GAP : 2 * GAP;
  const inner = columns * COLUMN + (columns + 1) * GAP;
  const parts: string[] = [label(GAP, 30, `${picture.environment}`, "name")];
  parts.push(label(left, 52, `network ${picture.network}`, "dim"));

  let y = 64;
  const top = y;
  const content: string[] = picture.zones.map((zone, i) =>
    label(left + GAP + i * (COLUMN + GAP), top + 22, zone, "dim"),
  );
  y += 34;
  for (const tier of TIERS) {
    const drawn = drawTier(picture, tier, left, y);
    content.push(...drawn.parts);
    y = drawn.bottom + GAP;
  }
  parts.push(rectangle({ x: left, y: top, width: inner }, y - top, "network"), ...content);
  picture.offices.forEach((office, i) => {
    const place = { x: GAP, y: top + 34 + i * 76, width: SIDE - GAP };
    parts.push(box(place, office, "office"), line(place.x + place.width, place.y + 26, left, place.y + 26));
  });
  const right = left + inner + 2 * GAP;
  let serviceY = top + 22;
  parts.push(label(right, serviceY, "beside the network", "dim"));
  serviceY += 12;
  for (const service of picture.services) {
    parts.push(box({ x: right, y: serviceY, width: SIDE }, service, "service"));
    serviceY += heightOf(service) + 8;
  }
  const bottom = Math.max(y, serviceY) + 14;
  const rest = Object.entries(picture.others)
    .sort(([, a], [, b]) => b - a)
    .map(([words, count]) => (count > 1 ? `${words} × ${count}` : words).replaceAll(" ", UNBROKEN));
  const footer = wrap(`and: ${rest.join(", ")}`, right + SIDE);
  footer.forEach((text, i) => {
    parts.push(label(GAP, bottom + 10 + i * LINE, text, "small"));
  });
  return document(right + SIDE + GAP, bottom + footer.length * LINE + GAP, parts);
}

function drawTier(
  picture: Picture,
  tier: Tier,
  left: number,
  y: number,
): { parts: string[]; bottom: number } {
  const columns = Math.max(1, picture.zones.length);
  const wide = { x: left + 2 * GAP, width: columns * COLUMN + (columns - 1) * GAP - 2 * GAP };
  const rows = rowsOf(picture, tier);
  const parts: string[] = [];
  let at = y + 26;
  for (const { items, kind } of rows) {
    const width = (wide.width - (items.length - 1) * GAP) / items.length;
    items.forEach((item, i) => {
      parts.push(box({ x: wide.x + i * (width + GAP), y: at, width }, item, kindOf(item, kind)));
    });
    at += Math.max(...items.map(heightOf)) + 10;
  }
  const gateways = tier === "public" ? picture.gateways : [];
  for (const zone of gateways) {
    const x = left + 2 * GAP + picture.zones.indexOf(zone) * (COLUMN + GAP);
    parts.push(box({ x, y: at, width: COLUMN - 2 * GAP }, { title: "NAT gateway", lines: [] }, "gateway"));
  }
  const bottom = at + (gateways.length > 0 ? 38 : 0) + 4;
  const subnets = picture.zones.map((zone, i) => {
    const place = { x: left + GAP + i * (COLUMN + GAP), y, width: COLUMN };
    const text = `${TITLE[tier]} ${picture.subnets[tier][zone] ?? ""}`;
    return rectangle(place, bottom - y, `subnet ${tier}`) + label(place.x + 8, y + 17, text, "small");
  });
  return { parts: [...subnets, ...parts], bottom };
}

function rowsOf(
  { loadBalancer, fleets, hosts, stores }: Picture,
  tier: Tier,
): { items: Item[]; kind: string }[] {
  const rows: Record<Tier, { items: Item[]; kind: string }[]> = {
    public: [{ items: loadBalancer ? [loadBalancer] : [], kind: "balancer" }],
    app: [...fleets.map((fleet) => ({ items: [fleet], kind: "fleet" })), { items: hosts, kind: "host" }],
    data: [{ items: stores, kind: "store" }],
  };
  return rows[tier].filter(({ items }) => items.length > 0);
}

/** A fleet that users reach is told apart from one that stands by. */
function kindOf(item: Item & { share?: number }, kind: string): string {
  return kind === "fleet" && (item.share ?? 0) > 0 ? "fleet serving" : kind;
}

const heightOf = ({ lines }: Item): number => 28 + lines.filter(Boolean).length * LINE;

function box(place: Place, item: Item, kind: string): string {
  const lines = item.lines.filter(Boolean);
  const room = Math.floor((place.width - 20) / 6.6);
  return (
    rectangle(place, heightOf(item), kind) +
    label(place.x + 10, place.y + 18, cut(item.title, room), "title") +
    lines
      .map((text, i) => label(place.x + 10, place.y + 18 + (i + 1) * LINE, cut(text, room), "small"))
      .join("")
  );
}

const cut = (text: string, room: number): string =>
  text.length > room ? `${text.slice(0, room - 1)}…` : text;

function rectangle({ x, y, width }: Place, height: number, kind: string): string {
  return `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>\n`;
}

const line = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>\n`;

function label(x: number, y: number, text: string, kind: string): string {
  return `<text class="${kind}" x="${x}" y="${y}">${escapeText(text)}</text>\n`;
}

/** Lines that fit a width, broken between words. */
/** A space where no line ends. */
const UNBROKEN = "\u00a0";

function wrap(text: string, width: number): string[] {
  const room = Math.floor(width / 6.2);
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1)!;
    if (last.length + word.length + 1 > room) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}

const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #1f2933 } .name { font-size: 20px; font-weight: 600 } .title { font-weight: 600 }
.small { font-size: 11px; fill: #52606d } .dim { fill: #7b8794 }
rect { fill: #fff; stroke: #9aa5b1 } .network { fill: #f8fafc; stroke: #52606d } line { stroke: #52606d; stroke-dasharray: 4 3 }
.subnet { stroke-dasharray: 4 3 } .public { fill: #eef6ff } .app { fill: #f2fbf2 } .data { fill: #fff8ec }
.balancer { stroke: #2563eb } .gateway { stroke: #93c5fd } .fleet { stroke: #86c28b } .serving { stroke: #15803d; stroke-width: 2.5 }
.host { stroke: #15803d } .store { stroke: #b45309 } .office { stroke: #6d28d9 } .service { stroke: #7b8794 }`;

function document(width: number, height: number, parts: string[]): string {
  const view = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  const back = `<rect width="${width}" height="${height}" style="stroke: none"/>\n`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${view} role="img">\n<style>${STYLE}\n</style>\n${back}${parts.join("")}</svg>\n`;
}
