/** One mistake in an environment's configuration. */
export interface ConfigProblem {
  /** Where, as written in the file: `retrofit:web.max`. */
  path: string;
  /** Line in the file, when it was read from one. */
  line?: number;
  got: string;
  allowed: string;
  fix: string;
}

/** Every mistake of one environment's configuration, found before anything was touched. */
export class EnvironmentConfigError extends Error {
  constructor(
    readonly source: string,
    readonly problems: ConfigProblem[],
  ) {
    super(renderProblems(source, problems));
    this.name = "EnvironmentConfigError";
  }
}

function renderProblems(source: string, problems: ConfigProblem[]): string {
  const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
  return [`${source} has ${count}; nothing was changed.`, ...problems.map(renderProblem)].join("\n\n");
}

function renderProblem({ path, line, got, allowed, fix }: ConfigProblem): string {
  const where = line === undefined ? path : `line ${line}: ${path}`;
  return [`  ${where}`, `    got      ${got}`, `    allowed  ${allowed}`, `    fix      ${fix}`].join("\n");
}

/** A value as it would stand in the file, short enough for one line. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
