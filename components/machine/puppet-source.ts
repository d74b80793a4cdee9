/** As much of Puppet's language as is needed to tell what data a role wants. */

export interface PuppetParameter {
  readonly name: string;
  readonly type: string;
  readonly hasDefault: boolean;
}

/** Classes that a class brings in, in the order in which it names them. */
export function includedClasses(source: string): string[] {
  const code = withoutComments(source);
  const found = [
    ...code.matchAll(/\b(?:include|require|contain)\s+([a-z][a-z0-9_]*(?:::[a-z][a-z0-9_]*)*)/g),
    ...code.matchAll(/\bclass\s*\{\s*'([a-z0-9_:]+)'\s*:/g),
  ];
  return [...new Set(found.sort((a, b) => a.index - b.index).map(([, name]) => name!))];
}

/** The parameters of a class. */
export function parameters(source: string): PuppetParameter[] {
  const code = withoutComments(source);
  const start = /\bclass\s+[a-z][a-z0-9_:]*\s*\(/.exec(code);
  if (!start) return [];
  return commaSeparated(code, start.index + start[0].length).flatMap((text) => {
    // What follows a `=` outside of brackets is the default.
    const match = /^([\s\S]*?)\$([a-z_][a-z0-9_]*)\s*(=[\s\S]*)?$/.exec(text.trim());
    if (!match) return [];
    const [, type = "", name = "", value] = match;
    return [{ name, type: type.trim().replace(/\s+/g, " "), hasDefault: value !== undefined }];
  });
}

const OPEN = "([{";
const CLOSE = ")]}";

/** The parts between commas from a place on, up to the bracket that closes; brackets, texts and patterns stay whole. */
function commaSeparated(code: string, from: number): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (let at = from; at < code.length; at += 1) {
    const character = code[at]!;
    const whole = literalAt(code, at);
    if (whole) {
      part += whole;
      at += whole.length - 1;
      continue;
    }
    if (OPEN.includes(character)) depth += 1;
    if (CLOSE.includes(character)) depth -= 1;
    if (depth < 0) break;
    if (character === "," && depth === 0) {
      parts.push(part);
      part = "";
    } else part += character;
  }
  return [...parts, part].filter((text) => text.trim() !== "");
}

/** A text in quotes or a regular expression that begins here. */
function literalAt(code: string, at: number): string | undefined {
  const rest = code.slice(at);
  const quoted = /^'(?:[^'\\]|\\.)*'|^"(?:[^"\\]|\\.)*"/.exec(rest);
  if (quoted) return quoted[0];
  // A slash begins a pattern only where a value may stand.
  return /[[(,]\s*$/.test(code.slice(0, at)) ? /^\/(?:[^/\\\n]|\\.)*\//.exec(rest)?.[0] : undefined;
}

function withoutComments(source: string): string {
  return source.replace(/^\s*#.*$/gm, "");
}
