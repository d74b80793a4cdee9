import { existsSync, readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { wrongUse } from "../errors";
import { BUILT_IN } from "./built-in";
import { checkProfile } from "./check-profile";

/** A part of a load test: so many seconds with so many requests per second, or with so many users who ask on and on. */
export interface Stage {
  seconds: number;
  /** Requests per second, whatever the answers take. */
  rate?: number;
  /** Users, each of whom asks again as soon as he is answered. */
  connections?: number;
}

/** One kind of request. */
export interface LoadRequest {
  path: string;
  /** Default: GET. */
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  /** How often, compared with the others. Default: 1. */
  weight: number;
  headers?: Record<string, string>;
  body?: string;
}

/** What has to hold; whatever is not named is measured and not judged. */
export interface Limits {
  /** Failed requests in percent: no answer, or a status outside of 200 to 399. */
  errorPercent?: number;
  /** Answer times as the users have them, in milliseconds. */
  p50?: number;
  p95?: number;
  p99?: number;
  /** Answers per second, over the whole test. */
  answersPerSecond?: number;
}

export interface Profile {
  name: string;
  /** One after another. */
  stages: Stage[];
  /** Default: the paths of the environment's smoke checks. */
  requests?: LoadRequest[];
  limits: Limits;
}

/** A profile by the name of a built-in one, or of a YAML or JSON file. */
export function loadProfile(nameOrFile: string): Profile {
  const builtIn = BUILT_IN.find(({ name }) => name === nameOrFile);
  if (builtIn) return builtIn;
  if (!existsSync(nameOrFile)) {
    throw wrongUse(
      `There is no profile "${nameOrFile}", and no such file.`,
      `Profiles: ${BUILT_IN.map(({ name }) => name).join(", ")}. Or name a YAML or JSON file; docs/performance.md says what is in it.`,
    );
  }
  return { name: basename(nameOrFile, extname(nameOrFile)), ...checkProfile(nameOrFile, read(nameOrFile)) };
}

function read(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    const why = error instanceof YAMLParseError ? error.message.split("\n")[0] : (error as Error).message;
    throw wrongUse(`${file} cannot be read: ${why}`, "It has to be YAML or JSON.");
  }
}

export const secondsOf = ({ stages }: Pick<Profile, "stages">): number =>
  stages.reduce((sum, { seconds }) => sum + seconds, 0);

/** `120 requests per second`, `10 users` */
export function describeStage({ rate, connections }: Stage): string {
  if (rate !== undefined) return `${rate} requests per second`;
  return connections === 1 ? "1 user" : `${connections} users`;
}
