import type { Action, Condition, EmulatedListener, ForwardAction, RedirectAction } from "../emulated";
import { addressMatcher, wildcard } from "./patterns";

/** What of a request decides where it goes. */
export interface RoutedRequest {
  method: string;
  /** Without the query. */
  path: string;
  /** Without the question mark. */
  query: string;
  /** The Host header. */
  host: string;
  headers: Record<string, string | string[] | undefined>;
  sourceAddress: string;
}

type Predicate = (request: RoutedRequest) => boolean;

/** A listener's rules, ready to decide. */
export interface Routes {
  rules: { priority: number; matches: Predicate; actions: Action[] }[];
  defaultActions: Action[];
}

export function compileRoutes(listener: Pick<EmulatedListener, "rules" | "defaultActions">): Routes {
  const rules = listener.rules
    .map((rule) => ({ priority: rule.priority, matches: all(rule.conditions), actions: rule.actions }))
    .sort((a, b) => a.priority - b.priority);
  return { rules, defaultActions: listener.defaultActions };
}

/** The action that answers the request: the last one of the first rule that matches (those before it authenticate). */
export function decide(routes: Routes, request: RoutedRequest): Action | undefined {
  const rule = routes.rules.find((candidate) => candidate.matches(request));
  return (rule?.actions ?? routes.defaultActions).at(-1);
}

/** A target group at random, each as often as its weight says; none when every weight is zero. */
export function chooseGroup(action: ForwardAction, random = Math.random): string | undefined {
  const total = action.targetGroups.reduce((sum, group) => sum + group.weight, 0);
  if (total <= 0) return undefined;
  let point = random() * total;
  for (const group of action.targetGroups) {
    point -= group.weight;
    if (point < 0) return group.arn;
  }
  return action.targetGroups.findLast((group) => group.weight > 0)?.arn;
}

/** The Location of a redirect; an absent part is kept as it came, `#{…}` stands for the request's own. */
export function redirectLocation(
  action: RedirectAction,
  request: Pick<RoutedRequest, "host" | "path" | "query">,
  listener: { protocol: string; port: number },
): string {
  const own: Record<string, string> = {
    protocol: listener.protocol.toLowerCase(),
    host: request.host.replace(/:\d+$/, ""),
    port: String(listener.port),
    path: request.path.replace(/^\//, ""),
    query: request.query,
  };
  const fill = (template: string | null | undefined, standard: string) =>
    (template || standard).replace(/#\{(\w+)\}/g, (whole, name: string) => own[name] ?? whole);

  const protocol = fill(action.protocol, "#{protocol}").toLowerCase();
  const port = fill(action.port, "#{port}");
  const query = action.query === "" ? "" : fill(action.query, "#{query}");
  const usualPort = protocol === "https" ? "443" : "80";
  return [
    `${protocol}://${fill(action.host, "#{host}")}`,
    port === usualPort ? "" : `:${port}`,
    fill(action.path, "/#{path}"),
    query === "" ? "" : `?${query}`,
  ].join("");
}

function all(conditions: Condition[]): Predicate {
  const predicates = conditions.map((condition) => compile[condition.field]?.(condition) ?? (() => false));
  return (request) => predicates.every((matches) => matches(request));
}

/** One entry for each kind of condition; each holds when one of its values does. */
const compile: Record<Condition["field"], (condition: Condition) => Predicate> = {
  "path-pattern": (condition) => {
    const patterns = texts(condition).map((value) => wildcard(value, { ignoreCase: false }));
    return (request) => patterns.some((pattern) => pattern.test(request.path));
  },
  "host-header": (condition) => {
    const patterns = texts(condition).map((value) => wildcard(value, { ignoreCase: true }));
    return (request) => patterns.some((pattern) => pattern.test(request.host.replace(/:\d+$/, "")));
  },
  "http-header": (condition) => {
    const name = (condition.name ?? "").toLowerCase();
    const patterns = texts(condition).map((value) => wildcard(value, { ignoreCase: true }));
    return (request) =>
      [request.headers[name] ?? []].flat().some((value) => patterns.some((pattern) => pattern.test(value)));
  },
  "http-request-method": (condition) => {
    const methods = new Set(texts(condition));
    return (request) => methods.has(request.method);
  },
  "query-string": (condition) => {
    const wanted = condition.values.map(queryPattern);
    return (request) => {
      const given = [...new URLSearchParams(request.query)];
      return wanted.some(({ key, value }) =>
        given.some(([k, v]) => (key === undefined || key.test(k)) && value.test(v)),
      );
    };
  },
  "source-ip": (condition) => {
    const inBlocks = addressMatcher(texts(condition));
    return (request) => inBlocks(request.sourceAddress);
  },
};

function texts(condition: Condition): string[] {
  return condition.values.map((value) => (typeof value === "string" ? value : value.value));
}

function queryPattern(entry: Condition["values"][number]): { key?: RegExp; value: RegExp } {
  const [key, value] = typeof entry === "string" ? splitOnce(entry) : [entry.key ?? undefined, entry.value];
  const options = { ignoreCase: true };
  return {
    ...(key === undefined ? {} : { key: wildcard(key, options) }),
    value: wildcard(value, options),
  };
}

function splitOnce(text: string): [string | undefined, string] {
  const at = text.indexOf("=");
  return at < 0 ? [undefined, text] : [text.slice(0, at), text.slice(at + 1)];
}
