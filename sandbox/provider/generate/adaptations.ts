/** Makes the adaptation rules (`../adaptation-table.json`) by comparing the SDK's and the bridge's descriptions. */
import type { Rule, Rules } from "../adapt";
import type { Adaptations } from "../adaptations";
import type { TokenTable } from "../tokens";
import type { Bridged } from "./bridged";
import type { Sdk } from "./sdk";
import type { Described, Shape } from "./shape";
import { pathOf } from "./table";

type Shapes = Record<string, Shape>;

/** Properties with names of their own in the SDK: SDK path → SDK name → bridge name. Plurals are found without this. */
const RENAMED: Record<string, Record<string, string>> = {
  "apigateway/*": { restApi: "restApiId", deployment: "deploymentId" },
  "apigateway/basePathMapping": { restApi: "apiId" },
  "apigateway/vpcLink": { targetArn: "targetArns" },
  "cloudwatch/logResourcePolicy": {},
  "cloudwatch/logSubscriptionFilter": { logGroup: "logGroupName" },
  "cloudwatch/metricAlarm": { name: "alarmName" },
  "dynamodb/*": {
    globalSecondaryIndexes: "globalSecondaryIndices",
    localSecondaryIndexes: "localSecondaryIndices",
  },
  "lambda/function": { name: "functionName", code: "filename" },
  "lambda/layerVersion": { code: "filename" },
  "lambda/permission": { function: "functionName" },
  "s3/bucketWebsiteConfiguration": { routingRules: "routingRules", routingRuleDetails: "routingRule" },
  "sns/topicSubscription": { topic: "topicArn" },
};

/** Statements nest in statements; deeper ones than this are not adapted. */
const DEPTH = 5;

export function makeAdaptations(sdk: Sdk, bridged: Bridged, table: TokenTable): Adaptations {
  return {
    resources: side(sdk.resources, bridged.resources, table.resources),
    functions: side(sdk.functions, bridged.functions, table.functions),
    regional: {
      inputs: withRegion(bridged, "inputs"),
      outputs: withRegion(bridged, "outputs"),
    },
  };
}

function withRegion(bridged: Bridged, direction: "inputs" | "outputs"): string[] {
  const types = [...bridged.resources.values(), ...bridged.functions.values()];
  const having = types.filter((type) => "region" in type[direction]);
  return having.map((type) => pathOf(type.token).split("/")[1]!).sort();
}

function side(
  sdk: Map<string, Described>,
  bridged: Map<string, Described>,
  names: TokenTable["resources"],
): Record<string, Rules> {
  const byName = new Map([...bridged.values()].map((type) => [pathOf(type.token).split("/").pop()!, type]));
  const out: Record<string, Rules> = {};
  for (const [token, type] of [...sdk].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const path = pathOf(token);
    const [module, short] = path.split("/") as [string, string];
    const other = byName.get(names[module]?.[short] ?? "");
    if (!other) continue;
    const renamed = { ...RENAMED[`${module}/*`], ...RENAMED[path] };
    const rules = merge(
      rulesFor(type.inputs, other.inputs, renamed, true),
      rulesFor(type.outputs, other.outputs, renamed, false),
    );
    if (Object.keys(rules).length > 0) out[path] = rules;
  }
  return out;
}

function rulesFor(
  sdk: Shapes,
  bridged: Shapes,
  renamed: Record<string, string>,
  inputs: boolean,
  depth = 0,
): Rules {
  const free = Object.keys(bridged).filter((name) => !(name in sdk));
  const rules: Rules = {};
  for (const [name, shape] of Object.entries(sdk)) {
    const to = renamed[name] ?? (name in bridged ? name : free.find((other) => isPluralOf(name, other)));
    const other = to === undefined ? undefined : bridged[to];
    if (to === undefined || !other) continue;
    const rule = ruleFor(shape, other, inputs, depth);
    if (to !== name) rule.to = to;
    if (Object.keys(rule).length > 0) rules[name] = rule;
  }
  return rules;
}

function isPluralOf(a: string, b: string): boolean {
  const plurals = (one: string) => [`${one}s`, `${one}es`, one.replace(/y$/, "ies")];
  return plurals(a).includes(b) || plurals(b).includes(a);
}

function ruleFor(sdk: Shape, bridged: Shape, inputs: boolean, depth: number): Rule {
  if (sdk.kind === "object" && bridged.kind === "value") return inputs ? { shape: "json" } : {};
  const rule: Rule = {};
  if (sdk.kind !== "list" && bridged.kind === "list") rule.shape = "wrap";
  if (sdk.kind === "list" && bridged.kind !== "list") rule.shape = "unwrap";
  const [own, other] = [element(sdk), element(bridged)];
  if (own.kind === "object" && other.kind === "object" && depth < DEPTH) {
    const inner = rulesFor(own.properties(), other.properties(), {}, inputs, depth + 1);
    if (Object.keys(inner).length > 0) rule.in = inner;
  }
  return rule;
}

function element(shape: Shape): Shape {
  return shape.kind === "list" ? element(shape.of) : shape;
}

function merge(a: Rules, b: Rules): Rules {
  const out: Rules = { ...a };
  for (const [name, rule] of Object.entries(b)) {
    const known = out[name];
    out[name] = { ...rule, ...known };
    if (known?.in || rule.in) out[name].in = merge(known?.in ?? {}, rule.in ?? {});
  }
  return out;
}
