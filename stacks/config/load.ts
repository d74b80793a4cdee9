import { statSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
import { crossCheck, type Finding, type Surroundings } from "./checks";
import { EnvironmentConfigError, formatPath, gotText, type Path } from "./errors";
import { readKeys } from "./input";
import { docOf } from "./keys";
import { inFile, type Mistake, mistakesOf } from "./problems";
import { resolve } from "./resolve";
import { region as regionSchema, type Settings, settings as schema } from "./schema";
import { siblingNetworks, siblingStreams } from "./siblings";
import type { EnvironmentConfig } from "./types";
import { getIn, type SettingsPath, schemaAt, setIn } from "./walk";

export interface LoadOptions {
  /** Name of the stack, which is the name of the environment. */
  stack: string;
  /** `retrofit:*` and `aws:*` keys; values as YAML gave them, or as the JSON text that Pulumi hands to a program. */
  values: Record<string, unknown>;
  /** Folder that local artifacts are relative to. */
  projectRoot: string;
  /** What the values came from, for the message. Default: `Pulumi.<stack>.yaml`. */
  source?: string;
  /** Line of a key in the file, when there is one. */
  lineOf?: (path: Path) => number | undefined;
}

/**
 * The environment with every default filled in.
 *
 * @throws EnvironmentConfigError with every mistake there is.
 */
export function loadEnvironmentConfig(options: LoadOptions): EnvironmentConfig {
  const { stack, values, projectRoot, source = `Pulumi.${stack}.yaml`, lineOf = () => undefined } = options;
  const { raw, region, mistakes: keyMistakes } = readKeys(values);
  const parsed = schema.safeParse(raw);
  const schemaMistakes = parsed.success ? [] : parsed.error.issues.flatMap((issue) => mistakesOf(issue, raw));
  const refused = new Set(keyMistakes.map(({ path }) => formatPath(path)));
  const mistakes = [
    ...nameMistakes(stack),
    ...regionMistakes(region),
    ...keyMistakes,
    // What was refused above is gone, and that it is missing now is no news.
    ...schemaMistakes.filter(({ path }) => !refused.has(formatPath(path))),
  ];

  const usable = parsed.success ? parsed.data : withExamples(raw);
  const config = usable && resolve(stack, region ?? "", usable);
  if (config) {
    const around = {
      look: lookFrom(projectRoot),
      absolute: (path: string) => resolvePath(projectRoot, path),
      siblings: () => siblingNetworks(projectRoot, stack),
      siblingStreams: () => siblingStreams(projectRoot, stack),
      isWritten: (path: SettingsPath) => getIn(raw, path) !== undefined,
    };
    mistakes.push(
      ...crossCheck(config, around)
        .filter((finding) => !restsOnMistake(finding, mistakes, around))
        .map(({ path, got, allowed, fix }) => ({ path: inFile(path), got, allowed, fix })),
    );
  }
  if (config && mistakes.length === 0) return config;
  const problems = mistakes.map(({ path, ...rest }) => ({
    path: formatPath(path),
    line: lineOf(path),
    ...rest,
  }));
  throw new EnvironmentConfigError(
    source,
    problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
  );
}

/**
 * The settings with each wrong value replaced by the example of its key, so that the rules which look at two keys can
 * still be asked about the rest. `undefined` when even that does not hold.
 */
function withExamples(raw: unknown): Settings | undefined {
  let candidate = raw;
  for (let round = 0; round < 4; round++) {
    const parsed = schema.safeParse(candidate);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      const path = issue.path as SettingsPath;
      if (issue.code === "unrecognized_keys") {
        for (const key of issue.keys) candidate = setIn(candidate, [...path, key], undefined);
      } else if (issue.code === "invalid_key") {
        candidate = setIn(candidate, path, undefined);
      } else {
        candidate = setIn(candidate, path, docOf(schemaAt(schema, path)!)?.example ?? "example");
      }
    }
  }
  return undefined;
}

/** A finding about a value that is itself wrong, or that is a default of a size nobody knows, would only confuse. */
function restsOnMistake(finding: Finding, mistakes: Mistake[], { isWritten }: Surroundings): boolean {
  const wrong = mistakes.map(({ path }) => formatPath(path));
  const isWrong = (path: SettingsPath) => {
    const text = path[0] === "region" ? "aws:region" : formatPath(inFile(path));
    return wrong.some((other) => other === text || isBelow(other, text) || isBelow(text, other));
  };
  const keys = [finding.path, ...finding.uses];
  const sizeUnknown = isWrong(["size"]) && keys.some((path) => path[0] === "size");
  return keys
    .filter((path) => path[0] !== "size")
    .some((path) => isWrong(path) || (sizeUnknown && !isWritten(path)));
}

const isBelow = (path: string, parent: string): boolean =>
  path.startsWith(parent) && (path[parent.length] === "." || path[parent.length] === "[");

function nameMistakes(stack: string): Mistake[] {
  if (/^[a-z][a-z0-9-]{0,19}$/.test(stack)) return [];
  return [
    {
      path: ["environment"],
      got: gotText(stack),
      allowed: "lower-case letters, digits and hyphens, at most 20, beginning with a letter",
      fix: "Rename the stack and its file, for example to dev and Pulumi.dev.yaml.",
    },
  ];
}

function regionMistakes(region: unknown): Mistake[] {
  if (regionSchema.safeParse(region).success) return [];
  const { allowed, example } = docOf(regionSchema)!;
  const fix =
    region === undefined ? `Add aws:region: ${example}` : `Write for example aws:region: ${example}`;
  return [{ path: ["aws:region"], got: gotText(region), allowed, fix }];
}

function lookFrom(projectRoot: string): Surroundings["look"] {
  return (path) => {
    const found = statSync(resolvePath(projectRoot, path), { throwIfNoEntry: false });
    if (!found) return "missing";
    if (found.isDirectory()) return "folder";
    return /\.(tar\.gz|tgz)$/.test(path) ? "archive" : "other";
  };
}
