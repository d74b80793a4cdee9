import { type Problem, renderProblems } from "../../components/shared/validation";
import { wrongUse } from "../errors";
import type { Limits, LoadRequest, Profile, Stage } from "./profile";

const METHODS: readonly LoadRequest["method"][] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
const LIMITS: readonly (keyof Limits)[] = ["errorPercent", "p50", "p95", "p99", "answersPerSecond"];
const MOST_SECONDS = 24 * 3600;
const MOST_RATE = 10_000;
const MOST_CONNECTIONS = 2_000;

type Checked = Omit<Profile, "name">;
type Fields = Record<string, unknown>;

/** Reads a profile as somebody wrote it. Every mistake is told at once. */
export function checkProfile(source: string, written: unknown): Checked {
  const check = new Check();
  const { stages, requests, limits } = check.fields("the file", written, ["stages", "requests", "limits"]);
  const profile: Checked = {
    stages: check.list("stages", stages).map((stage, i) => check.stage(`stages[${i}]`, stage)),
    ...(requests === undefined
      ? {}
      : {
          requests: check
            .list("requests", requests)
            .map((request, i) => check.request(`requests[${i}]`, request)),
        }),
    limits: limits === undefined ? {} : check.limits(limits),
  };
  if (check.problems.length === 0) return profile;
  throw wrongUse(renderProblems(source, check.problems), "Nothing was sent.");
}

class Check {
  readonly problems: Problem[] = [];

  stage(at: string, written: unknown): Stage {
    const { seconds, rate, connections } = this.fields(at, written, ["seconds", "rate", "connections"]);
    if ((rate === undefined) === (connections === undefined)) {
      this.problems.push({
        property: at,
        got: written,
        allowed: "either rate or connections",
        fix: "Name requests per second (rate), or users who ask on and on (connections).",
      });
    }
    return {
      seconds: this.number(`${at}.seconds`, seconds, [1, MOST_SECONDS], { whole: true }),
      ...(rate === undefined
        ? {}
        : { rate: this.number(`${at}.rate`, rate, [1, MOST_RATE], { whole: true }) }),
      ...(connections === undefined
        ? {}
        : {
            connections: this.number(`${at}.connections`, connections, [1, MOST_CONNECTIONS], {
              whole: true,
            }),
          }),
    };
  }

  request(at: string, written: unknown): LoadRequest {
    const known = ["path", "method", "weight", "headers", "body"];
    const { path, method = "GET", weight = 1, headers, body } = this.fields(at, written, known);
    this.require(typeof path === "string" && path.startsWith("/"), {
      ...{ property: `${at}.path`, got: path, allowed: "a path that begins with /" },
      fix: "Write the path alone: the address is the environment's.",
    });
    this.require((METHODS as readonly unknown[]).includes(method), {
      ...{ property: `${at}.method`, got: method, allowed: METHODS.join(", ") },
      fix: "Use one of these, in capitals.",
    });
    const texts = headers === undefined ? {} : this.fields(`${at}.headers`, headers);
    for (const [name, value] of Object.entries(texts)) {
      this.require(typeof value === "string", {
        ...{ property: `${at}.headers.${name}`, got: value, allowed: "a text" },
        fix: "Put it in quotes.",
      });
    }
    this.require(body === undefined || typeof body === "string", {
      ...{ property: `${at}.body`, got: body, allowed: "a text" },
      fix: "Write JSON as a text, in single quotes.",
    });
    return {
      path: String(path),
      method: method as LoadRequest["method"],
      weight: this.number(`${at}.weight`, weight, [1, 100], { whole: true }),
      ...(headers === undefined ? {} : { headers: texts as Record<string, string> }),
      ...(body === undefined ? {} : { body: String(body) }),
    };
  }

  limits(written: unknown): Limits {
    const given = Object.entries(this.fields("limits", written, LIMITS));
    return Object.fromEntries(
      given.map(([name, value]) => [
        name,
        this.number(`limits.${name}`, value, [0, name === "errorPercent" ? 100 : 1e6]),
      ]),
    );
  }

  list(at: string, written: unknown): unknown[] {
    if (Array.isArray(written) && written.length > 0) return written;
    this.problems.push({
      ...{ property: at, got: written, allowed: "a list of one or more" },
      fix: "Add one; docs/performance.md has examples.",
    });
    return [];
  }

  /** The fields of an object; with `known`, those that are not are mistakes. */
  fields(at: string, written: unknown, known?: readonly string[]): Fields {
    if (typeof written !== "object" || written === null || Array.isArray(written)) {
      this.problems.push({
        ...{
          property: at,
          got: written,
          allowed: known ? `an object with ${known.join(", ")}` : "an object",
        },
        fix: "See docs/performance.md.",
      });
      return {};
    }
    for (const name of known ? Object.keys(written).filter((each) => !known.includes(each)) : []) {
      this.problems.push({
        ...{ property: at === "the file" ? name : `${at}.${name}`, got: (written as Fields)[name] },
        allowed: known!.join(", "),
        fix: "Take it out, or correct its name.",
      });
    }
    return written as Fields;
  }

  private number(at: string, got: unknown, [low, high]: [number, number], { whole = false } = {}): number {
    const ok = typeof got === "number" && got >= low && got <= high && (!whole || Number.isInteger(got));
    const kind = whole ? "a whole number" : "a number";
    this.require(ok, {
      ...{ property: at, got, allowed: `${kind} from ${low} to ${high.toLocaleString("en")}` },
      fix: "Choose one within.",
    });
    return Number(got);
  }

  private require(ok: boolean, problem: Problem): void {
    if (!ok) this.problems.push(problem);
  }
}
