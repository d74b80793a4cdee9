/** Whether a name is what a pattern says: `*` stands for any text, `{a,b}` for either. */
export function matches(pattern: string, name: string): boolean {
  const source = pattern.replace(/\{[^{}]*\}|\*|[.+?^${}()|[\]\\]/g, (part) => {
    if (part === "*") return ".*";
    if (part.length === 1) return `\\${part}`;
    const choices = part.slice(1, -1).split(",");
    return `(${choices.map((choice) => choice.replace(/[.+?^$()|[\]\\*]/g, "\\$&")).join("|")})`;
  });
  return new RegExp(`^${source}$`).test(name);
}

export const matchesAny = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => matches(pattern, name));
