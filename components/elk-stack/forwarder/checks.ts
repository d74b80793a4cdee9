/** What can be wrong with a model before any machine has it. */
import type { Problem } from "../../shared/validation";
import type { FileSource, ForwarderModel, LogSource } from "./model";

/** Names of sources, applications and environments: they are parts of names in the store. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;
/** Stream of the machines' own lines. */
const RESERVED = "system";

export function forwarderProblems(model: ForwarderModel, at = "sources"): Problem[] {
  const { sources } = model;
  return [
    ...(sources.length === 0
      ? [
          {
            property: at,
            got: sources,
            allowed: "at least one source",
            fix: 'Add { type: "journal", name: "journal" }.',
          },
        ]
      : []),
    ...sources.flatMap((source, index) => sourceProblems(source, `${at}[${index}]`)),
    ...duplicates(sources, at),
    ...maskProblems(model),
    ...outputProblems(model),
  ];
}

function sourceProblems(source: LogSource, at: string): Problem[] {
  const found: Problem[] = [];
  const refuse = (property: string, got: unknown, allowed: string, fix: string) =>
    found.push({ property: `${at}.${property}`, got, allowed, fix });
  if (!["files", "journal", "syslog"].includes(source.type)) {
    refuse(
      "type",
      (source as { type: unknown }).type,
      "files, journal or syslog",
      'Use type: "files" for what an application writes.',
    );
    return found;
  }
  if (!NAME.test(source.name ?? "")) {
    refuse(
      "name",
      source.name,
      "lower-case letters, digits and -, up to 40",
      "Give it a short name, such as access.",
    );
  }
  if (source.rateLimit !== undefined && !(Number.isInteger(source.rateLimit) && source.rateLimit > 0)) {
    refuse(
      "rateLimit",
      source.rateLimit,
      "a whole number above 0: lines per second",
      "Leave it out for no limit.",
    );
  }
  for (const application of applicationsOf(source)) {
    if (NAME.test(application) && application !== RESERVED) continue;
    refuse(
      "application",
      application,
      `lower-case letters, digits and -, but not "${RESERVED}"`,
      "Name the application as its release is named.",
    );
  }
  if (source.type === "files") found.push(...fileProblems(source, at));
  if (
    source.type === "syslog" &&
    source.keepIn !== undefined &&
    !/^(\/[A-Za-z0-9._-]+)+$/.test(source.keepIn)
  ) {
    refuse("keepIn", source.keepIn, "an absolute path of plain letters", "Use /var/log/collected.");
  }
  if (source.type === "syslog" && !(source.port >= 1 && source.port <= 65_535)) {
    refuse("port", source.port, "1 to 65535", "6514 is what devices expect.");
  }
  return found;
}

/** Applications that a source has lines of, beside the machine itself. */
export function applicationsOf(source: LogSource): string[] {
  switch (source.type) {
    case "files":
      return [source.application];
    case "journal":
      return [source.application?.name, source.containers?.application].filter((name) => name !== undefined);
    default:
      return [];
  }
}

function fileProblems({ paths, startsWith }: FileSource, at: string): Problem[] {
  const found: Problem[] = [];
  if (paths.length === 0) {
    found.push({
      property: `${at}.paths`,
      got: paths,
      allowed: "at least one path",
      fix: 'Write paths: ["/var/log/shop/*.log"].',
    });
  }
  for (const [index, path] of paths.entries()) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    if (
      path.startsWith("/") &&
      !/[*?[\]"`]/.test(folder) &&
      !path.split("/").includes("..") &&
      !/["`]/.test(path)
    )
      continue;
    found.push({
      property: `${at}.paths[${index}]`,
      got: path,
      allowed: "an absolute path with * and ? in its last part only",
      fix: "Name each folder on its own.",
    });
  }
  if (startsWith !== undefined) found.push(...patternProblems(startsWith, `${at}.startsWith`));
  return found;
}

/** What JavaScript reads and PCRE does not, or the quotes of a configuration: one such pattern and the forwarder does not start. */
const NOT_IN_PCRE: readonly [RegExp, string][] = [
  [/['\n]/, "Write \\x27 for a single quote."],
  [/`/, "Write \\x60 for a backtick."],
  [/(?<!\\)\[\^?\]/, "Name the characters; an empty set is none. Write \\] for a bracket."],
  [/\\u/, "Write \\x and two hexadecimal digits, or \\x{…}."],
  [
    /\(\?<[=!](?:[^()\\]|\\.)*?(?:[*+?(]|\{\d*,)/,
    "What a look-behind looks for has one length: write no *, +, ?, {} or group in it.",
  ],
];

/** Patterns run in PCRE and in Java; what JavaScript cannot read either is surely wrong, but for a flag at the front. */
function patternProblems(pattern: string, property: string): Problem[] {
  const foreign = NOT_IN_PCRE.find(([found]) => found.test(pattern));
  if (foreign) {
    const allowed = "a regular expression that PCRE reads, without quotes and line breaks";
    return [{ property, got: pattern, allowed, fix: foreign[1] }];
  }
  try {
    new RegExp(pattern.replace(/^\(\?[a-z]+\)/, ""));
    return [];
  } catch (error) {
    return [
      {
        property,
        got: pattern,
        allowed: "a regular expression that compiles",
        fix: `Correct it: ${(error as Error).message.replace(/^.*: /, "")}.`,
      },
    ];
  }
}

function maskProblems({ masks = [] }: ForwarderModel): Problem[] {
  return masks.flatMap(({ pattern, replacement }, index) => [
    ...patternProblems(pattern, `masks[${index}].pattern`),
    ...(/['`\n]/.test(replacement)
      ? [
          {
            property: `masks[${index}].replacement`,
            got: replacement,
            allowed: "a text without ' ` and line breaks",
            fix: "Use ***.",
          },
        ]
      : []),
  ]);
}

/** Two sources of one name would be counted as one; two applications in one stream could not be told apart by whoever may read them. */
function duplicates(sources: readonly LogSource[], at: string): Problem[] {
  return sources.flatMap(({ name }, index) =>
    sources.findIndex((other) => other.name === name) === index
      ? []
      : [
          {
            property: `${at}[${index}].name`,
            got: name,
            allowed: "a name that no other source has",
            fix: "Name it after what it reads.",
          },
        ],
  );
}

function outputProblems({ output, buffer }: ForwarderModel): Problem[] {
  const found: Problem[] = [];
  if (!/^https?:\/\/[^\s"'`/]+$/.test(output.endpoint)) {
    found.push({
      property: "output.endpoint",
      got: output.endpoint,
      allowed: "https://host[:port] without a path",
      fix: "Leave the path out.",
    });
  }
  if (output.authentication === "signed" && output.region === undefined) {
    found.push({
      property: "output.region",
      allowed: "an AWS region",
      fix: "Say where the domain is: requests are signed for a region.",
    });
  }
  if (buffer?.sizeMb !== undefined && !(Number.isInteger(buffer.sizeMb) && buffer.sizeMb >= 2)) {
    found.push({
      property: "buffer.sizeMb",
      got: buffer.sizeMb,
      allowed: "a whole number of 2 or more",
      fix: "512 holds about a million lines.",
    });
  }
  return found;
}
