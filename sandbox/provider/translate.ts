/** Turns a call of the engine into one of the bridge, and the answer back. */

import { pathToBridge, pathToSdk, type Rules, toBridgeProperties, toSdkProperties } from "./adapt";
import { CONFIG_RULES, hasRegion, rulesOf } from "./adaptations";
import { withFiles } from "./assets";
import {
  CHECK,
  CONFIG_CALLS,
  INVOKE,
  type MessageLayout,
  type PropertyKind,
  RESOURCE_CALLS,
} from "./messages";
import { withName } from "./names";
import { decodeStruct, encodeStruct, type Properties, type Value } from "./struct";
import { toBridge, urnToBridge } from "./tokens";
import { withShortWaits } from "./waits";
import { type FieldRewrite, readBytes, readString, rewriteFields } from "./wire";

export interface Translated {
  request: Buffer;
  /** Turns the bridge's answer into the engine's. */
  answer(response: Buffer): Buffer;
}

/** What the calls of one provider share. */
export class Translator {
  /** Types and URNs as the bridge says them → as the program says them, for messages on their way back. */
  readonly spoken = new Map<string, string>();
  /** The region that the provider was configured with: what `region` of a resource without one of its own is. */
  region: string | undefined = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;

  resource(method: string, request: Buffer): Translated {
    const layout = RESOURCE_CALLS[method]!;
    const urn = readString(request, layout.urn) ?? "";
    const type = typeOf(urn);
    const bridged = this.say(type, toBridge(type, "resource"));
    const rules = rulesOf(type, "resource") ?? {};
    const own = { inputs: hasRegion(bridged, "inputs"), state: hasRegion(bridged, "outputs") };
    const toward = layoutRewrites(layout.request, {
      struct: (bytes, kind) => {
        const adapted =
          kind === "state" ? stateToBridge(bytes, rules) : adapt(bytes, rules, toBridgeProperties);
        return own[kind] ? adapted : withoutRegion(adapted);
      },
      path: (path) => pathToBridge(path, rules),
    });
    toward[layout.urn] = text((before) => this.say(before, urnToBridge(before)));
    toward[layout.type] = text(() => bridged);
    const back = layoutRewrites(layout.response, {
      struct: (bytes, kind) => {
        if (kind === "inputs") return adapt(bytes, rules, toSdkProperties);
        return this.withRegion(stateToSdk(bytes, rules));
      },
      path: (path) => pathToSdk(path, rules),
    });
    const prepared = method === "Check" ? prepareInputs(request, urn, type) : request;
    return {
      request: rewriteFields(prepared, toward),
      answer: (response) => rewriteFields(response, back),
    };
  }

  invoke(request: Buffer): Translated {
    const token = readString(request, INVOKE.token) ?? "";
    const bridged = this.say(token, toBridge(token, "function"));
    const rules = rulesOf(token, "function") ?? {};
    return {
      request: rewriteFields(request, {
        [INVOKE.token]: text(() => bridged),
        [INVOKE.args]: (bytes) => {
          const adapted = adapt(bytes, rules, toBridgeProperties);
          return hasRegion(bridged, "inputs") ? adapted : withoutRegion(adapted);
        },
      }),
      answer: (response) =>
        rewriteFields(response, {
          [INVOKE.result]: (bytes) => this.withRegion(adapt(bytes, rules, toSdkProperties)),
        }),
    };
  }

  config(method: string, request: Buffer): Translated {
    const layout = CONFIG_CALLS[method]!;
    if (method === "Configure") this.region = regionOf(request, layout.request) ?? this.region;
    const toward = layoutRewrites(layout.request, {
      struct: (bytes) => adaptConfig(bytes, toBridgeProperties),
      path: (path) => pathToBridge(path, CONFIG_RULES),
    });
    const back = layoutRewrites(layout.response, {
      struct: (bytes) => adaptConfig(bytes, toSdkProperties),
      path: (path) => pathToSdk(path, CONFIG_RULES),
    });
    return {
      request: rewriteFields(request, toward),
      answer: (response) => rewriteFields(response, back),
    };
  }

  /** Replaces the bridge's words in a message for people by the program's. */
  inProgramsWords(message: string): string {
    return message.replace(
      /(urn:pulumi:[^\s"']*)|(aws:index\/\w+:\w+)/g,
      (word) => this.spoken.get(word) ?? word,
    );
  }

  private say(sdk: string, bridged: string): string {
    if (sdk !== bridged) this.spoken.set(bridged, sdk);
    return bridged;
  }

  private withRegion(struct: Buffer): Buffer {
    if (this.region === undefined || hasEntry(struct, "region")) return struct;
    return Buffer.concat([struct, encodeStruct({ region: this.region })]);
  }
}

/** The type is the last one of a URN's third part; the parents' stand before it. */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").pop() ?? "";
}

type Adapter = (properties: Properties, rules: Rules) => Properties;

/** Without rules the bytes stay as they came. */
function adapt(bytes: Buffer, rules: Rules, adapter: Adapter): Buffer {
  return Object.keys(rules).length === 0 ? bytes : encodeStruct(adapter(decodeStruct(bytes), rules));
}

/**
 * The bridge keeps in each state what it needs to restore Terraform's own state from it, byte for byte. A list of none
 * that became "no value" would break that, so the properties that are adapted are kept beside as they were.
 */
const KEPT = "__bridged";

function stateToSdk(bytes: Buffer, rules: Rules): Buffer {
  return adapt(bytes, rules, (state) => {
    const reshaped = Object.entries(rules).filter(([, rule]) => rule.shape !== "json");
    const names = reshaped.map(([name, rule]) => rule.to ?? name).filter((name) => name in state);
    const adapted = toSdkProperties(state, rules);
    if (names.length === 0) return adapted;
    return { ...adapted, [KEPT]: Object.fromEntries(names.map((name) => [name, state[name]!])) };
  });
}

function stateToBridge(bytes: Buffer, rules: Rules): Buffer {
  return adapt(bytes, rules, ({ [KEPT]: kept, ...state }) => ({
    ...toBridgeProperties(state, rules),
    ...(kept as Properties | undefined),
  }));
}

/** In a provider's configuration nested values are JSON texts. */
function adaptConfig(bytes: Buffer, adapter: Adapter): Buffer {
  const decoded = mapRuled(decodeStruct(bytes), (value) => {
    const parsed = typeof value === "string" ? parseJson(value) : undefined;
    return parsed === undefined ? { value, encoded: false } : { value: parsed, encoded: true };
  });
  const adapted = adapter(decoded.properties, CONFIG_RULES);
  for (const name of decoded.encoded) {
    const key = name in adapted ? name : (CONFIG_RULES[name]?.to ?? otherName(name));
    if (key in adapted) adapted[key] = JSON.stringify(adapted[key]);
  }
  return encodeStruct(adapted);
}

function otherName(bridged: string): string {
  return Object.entries(CONFIG_RULES).find(([, rule]) => rule.to === bridged)?.[0] ?? bridged;
}

function mapRuled(
  properties: Properties,
  decode: (value: Value) => { value: Value; encoded: boolean },
): { properties: Properties; encoded: string[] } {
  const ruled = new Set(Object.entries(CONFIG_RULES).flatMap(([name, rule]) => [name, rule.to ?? name]));
  const encoded: string[] = [];
  const out = { ...properties };
  for (const name of Object.keys(properties)) {
    if (!ruled.has(name)) continue;
    const found = decode(properties[name]!);
    out[name] = found.value;
    if (found.encoded) encoded.push(name);
  }
  return { properties: out, encoded };
}

function parseJson(json: string): Value | undefined {
  try {
    return JSON.parse(json) as Value;
  } catch {
    return undefined;
  }
}

function regionOf(request: Buffer, layout: MessageLayout): string | undefined {
  const args = readBytes(request, Number(Object.keys(layout.structs!)[0]));
  const region = args && decodeStruct(args).region;
  return typeof region === "string" && region ? region : undefined;
}

/** What the official plugin does to a program's inputs and the bridge does not: physical names, assets as files. */
function prepareInputs(request: Buffer, urn: string, type: string): Buffer {
  const path = type.split(":")[1] ?? "";
  const olds = readBytes(request, CHECK.olds);
  const naming = {
    path,
    name: urn.split("::").slice(3).join("::"),
    seed: readBytes(request, CHECK.randomSeed) ?? Buffer.alloc(0),
    before: olds && olds.length > 0 ? decodeStruct(olds) : undefined,
  };
  return rewriteFields(request, {
    [CHECK.news]: (bytes) => {
      const before = decodeStruct(bytes);
      const after = withShortWaits(withName(withFiles(before, path), naming), path);
      return after === before ? bytes : encodeStruct(after);
    },
  });
}

const text =
  (change: (before: string) => string): FieldRewrite =>
  (content) =>
    Buffer.from(change(content.toString("utf8")), "utf8");

interface Rewriters {
  struct(bytes: Buffer, kind: PropertyKind): Buffer;
  path(path: string): string;
}

function layoutRewrites(layout: MessageLayout, rewriters: Rewriters): Record<number, FieldRewrite> {
  const rewrites: Record<number, FieldRewrite> = {};
  for (const [number, kind] of Object.entries(layout.structs ?? {})) {
    rewrites[Number(number)] = (bytes) => rewriters.struct(bytes, kind);
  }
  for (const number of layout.paths ?? []) rewrites[number] = text(rewriters.path);
  for (const number of layout.keyedByPath ?? []) {
    rewrites[number] = (entry) => rewriteFields(entry, { 1: text(rewriters.path) });
  }
  return rewrites;
}

/** `Struct` is `map<string, Value> fields = 1`, each entry a message of key (1) and value (2). */
const STRUCT_ENTRY = 1;
const ENTRY_KEY = 1;

/**
 * Version 7 of the SDK gives every resource and function an optional `region`, which provider 5 does not have: there a
 * region belongs to the provider.
 */
function withoutRegion(struct: Buffer): Buffer {
  return rewriteFields(struct, {
    [STRUCT_ENTRY]: (entry) => (readString(entry, ENTRY_KEY) === "region" ? null : entry),
  });
}

function hasEntry(struct: Buffer, key: string): boolean {
  let found = false;
  rewriteFields(struct, {
    [STRUCT_ENTRY]: (entry) => {
      found ||= readString(entry, ENTRY_KEY) === key;
      return entry;
    },
  });
  return found;
}
