/**
 * Where the SDK and the bridge name or shape a property differently, and how to go from one to the other. The rules are
 * data: `adaptation-table.json`, made by `generate/` from the SDK's declarations and the bridge's schema.
 */
import type { Properties, Value } from "./struct";

export interface Rule {
  /** The property's name in the bridge, where it is another. */
  to?: string;
  /**
   * `wrap`: the SDK has one value, the bridge a list of one. `unwrap`: the reverse.
   * `json`: the SDK takes an object (a policy document), the bridge its JSON text; outputs stay text.
   */
  shape?: "wrap" | "unwrap" | "json";
  /** Rules for the properties of the value, or of each element. */
  in?: Rules;
}

/** By the property's name in the SDK. */
export interface Rules {
  [property: string]: Rule;
}

/** Marks an object as a secret or an output value: the agreed key of Pulumi's property encoding. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
/** Stands for a value that is known only after the update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

function isObject(value: Value): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Applies `change` to what is inside of a secret or an output value. */
function inside(value: Value, change: (plain: Value) => Value): Value {
  if (isObject(value) && (value[SIGNATURE] === SECRET || value[SIGNATURE] === OUTPUT) && "value" in value) {
    return { ...value, value: inside(value.value!, change) };
  }
  return change(value);
}

function holds(value: Value, test: (value: Value) => boolean): boolean {
  if (test(value)) return true;
  return (
    typeof value === "object" && value !== null && Object.values(value).some((item) => holds(item, test))
  );
}

export function toBridgeProperties(properties: Properties, rules: Rules): Properties {
  const entries = Object.entries(properties).map(([name, value]): [string, Value] => {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    return rule ? [rule.to ?? name, inside(value, (plain) => toBridgeValue(plain, rule))] : [name, value];
  });
  return Object.fromEntries(entries);
}

function toBridgeValue(value: Value, rule: Rule): Value {
  if (value === null || value === UNKNOWN) return value;
  if (rule.shape === "json") return isObject(value) ? asJson(value) : value;
  const adapted = each(value, (item) =>
    rule.in && isObject(item) ? toBridgeProperties(item, rule.in) : item,
  );
  if (rule.shape === "wrap") return Array.isArray(adapted) ? adapted : [adapted];
  if (rule.shape === "unwrap") return Array.isArray(adapted) ? (adapted[0] ?? null) : adapted;
  return adapted;
}

export function toSdkProperties(properties: Properties, rules: Rules): Properties {
  const back = new Map(Object.entries(rules).map(([name, rule]) => [rule.to ?? name, { name, rule }]));
  const entries = Object.entries(properties).map(([bridged, value]): [string, Value] => {
    const found = back.get(bridged);
    return found ? [found.name, inside(value, (plain) => toSdkValue(plain, found.rule))] : [bridged, value];
  });
  return Object.fromEntries(entries);
}

function toSdkValue(value: Value, rule: Rule): Value {
  if (value === null || value === UNKNOWN) return value;
  const adapted = each(value, (item) => (rule.in && isObject(item) ? toSdkProperties(item, rule.in) : item));
  if (rule.shape === "wrap") return Array.isArray(adapted) ? (adapted[0] ?? null) : adapted;
  if (rule.shape === "unwrap") return Array.isArray(adapted) ? adapted : [adapted];
  return adapted;
}

function each(value: Value, change: (item: Value) => Value): Value {
  return Array.isArray(value) ? value.map((item) => inside(item, change)) : change(value);
}

/** A document with an unknown in it is unknown as a whole, one with a secret in it is secret as a whole. */
function asJson(document: Properties): Value {
  if (holds(document, (value) => value === UNKNOWN)) return UNKNOWN;
  const isMarked = (value: Value) => isObject(value) && SIGNATURE in value;
  const text = JSON.stringify(document, (_key, value: Value) =>
    isMarked(value) ? (value as Properties).value : value,
  );
  return holds(document, (value) => isObject(value) && value[SIGNATURE] === SECRET)
    ? { [SIGNATURE]: SECRET, value: text }
    : text;
}

/** A property path of the bridge (`alarmName`, `filters[0].values`) in the SDK's words. */
export function pathToSdk(path: string, rules: Rules): string {
  const [, bridged, index = "", rest = ""] = /^([^.[\]]+)((?:\[\d+\])?)(.*)$/s.exec(path) ?? [];
  if (!bridged) return path;
  const found = Object.entries(rules).find(([name, rule]) => (rule.to ?? name) === bridged);
  if (!found) return path;
  const [name, rule] = found;
  const inner = rest.startsWith(".") ? `.${pathToSdk(rest.slice(1), rule.in ?? {})}` : rest;
  const element = rule.shape === "wrap" ? "" : rule.shape === "unwrap" && !index ? "[0]" : index;
  return name + element + inner;
}

/** A property path of the SDK in the bridge's words; for `ignoreChanges`. */
export function pathToBridge(path: string, rules: Rules): string {
  const [, name, index = "", rest = ""] = /^([^.[\]]+)((?:\[(?:\d+|\*)\])?)(.*)$/s.exec(path) ?? [];
  const rule = name ? rules[name] : undefined;
  if (!name || !rule) return path;
  const inner = rest.startsWith(".") ? `.${pathToBridge(rest.slice(1), rule.in ?? {})}` : rest;
  const element = rule.shape === "wrap" ? (inner ? "[0]" : "") : rule.shape === "unwrap" ? "" : index;
  return (rule.to ?? name) + element + inner;
}
