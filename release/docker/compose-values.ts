/** Values as compose files write them, and as declarations want them. */

/** A name that a container may have, as near as possible to one that something else has. */
export function containerName(given: string): string {
  const name = given.toLowerCase().replace(/[^a-z0-9-]+/g, "-");
  return (
    name
      .replace(/^[^a-z]+/, "")
      .slice(0, 20)
      .replace(/-+$/, "") || "container"
  );
}

const UNITS: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** `512m`, `1.5gb` or bytes, in whole MiB. */
export function megabytes(given: unknown): number | undefined {
  if (given === undefined || given === null) return undefined;
  const found = /^([\d.]+)\s*([bkmg])?b?$/i.exec(String(given));
  if (!found) return undefined;
  return Math.ceil((Number(found[1]) * UNITS[(found[2] ?? "b").toLowerCase()]!) / UNITS.m!);
}

const SECONDS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** `1m30s`, `500ms` or seconds, in whole seconds, at least one of anything above nothing. */
export function seconds(given: unknown): number | undefined {
  if (given === undefined || given === null) return undefined;
  if (/^[\d.]+$/.test(String(given))) return Math.ceil(Number(given));
  const parts = [...String(given).matchAll(/([\d.]+)(us|ms|s|m|h)/g)];
  if (parts.length === 0) return undefined;
  return Math.ceil(parts.reduce((sum, [, number, unit]) => sum + Number(number) * SECONDS[unit!]!, 0));
}

/** A command as a list: given as one, or as a line that is divided as a shell would. */
export function words(given: unknown): string[] {
  if (given === undefined || given === null) return [];
  if (Array.isArray(given)) return given.map(String);
  return [...String(given).matchAll(/(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(?:[^\s"'\\]|\\.)+)+/g)].map(([word]) =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_, double, single, escaped) =>
      double !== undefined ? double.replace(/\\(["\\$`])/g, "$1") : (single ?? escaped),
    ),
  );
}
