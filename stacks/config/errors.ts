/** Where a value stands, beginning with its key as it is written in the file: `["retrofit:web", "max"]`. */
export type Path = readonly (string | number)[];

/** One mistake in an environment's configuration. */
export interface ConfigProblem {
  /** Where, as written in the file: `retrofit:web.max`. */
  path: string;
  /** Line in the file, when it was read from one. */
  line?: number;
  got: string;
  allowed: string;
  /** The change to make, as a sentence. */
  fix: string;
}

/** Every mistake of one environment's configuration, found before anything was touched. */
export class EnvironmentConfigError extends Error {
  constructor(
    /** The file, or what stands for it. */
    readonly source: string,
    readonly problems: readonly ConfigProblem[],
  ) {
    super(renderProblems(source, problems));
    this.name = "EnvironmentConfigError";
  }
}

function renderProblems(source: string, problems: readonly ConfigProblem[]): string {
  const headline = problems.length === 1 ? "a mistake" : `${problems.length} mistakes`;
  return [`${source} has ${headline}:`, ...problems.flatMap(renderProblem)].join("\n");
}

function renderProblem({ path, line, got, allowed, fix }: ConfigProblem): string[] {
  const where = line === undefined ? path : `line ${line}, ${path}`;
  return [`  ${where}: ${got}; allowed: ${allowed}`, `    → ${fix}`];
}

/** `retrofit:shift.steps[0]` */
export function formatPath([key, ...rest]: Path): string {
  return String(key) + rest.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
}

/** A value as it would stand in the file, short enough for one line. */
export function show(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** What was got, for a message: absent values have no text of their own. */
export function gotText(value: unknown): string {
  return value === undefined ? "missing" : `got ${show(value)}`;
}
