/**
 * What has to change in each call on its way to the bridge: the resource's type, where it stands. Everything else —
 * properties with their secrets, unknowns and assets, timeouts, fields of newer engines — passes as the bytes that came.
 */
import { toBridge, urnToBridge } from "./tokens";
import { encodeField, type FieldRewrite, fields, readString, rewriteFields } from "./wire";

export const PROVIDER_SERVICE = "/pulumirpc.ResourceProvider/";
export const ENGINE_SERVICE = "/pulumirpc.Engine/";

/** Types and URNs as the bridge says them → as the program says them, for messages on their way back. */
export type Spoken = Map<string, string>;

type Rewrite = (request: Buffer, spoken: Spoken) => Buffer;

const asText =
  (rewrite: (text: string) => string): FieldRewrite =>
  (content) => {
    const before = content.toString("utf8");
    const after = rewrite(before);
    return after === before ? content : Buffer.from(after, "utf8");
  };

function remember(spoken: Spoken, sdk: string, bridged: string): string {
  if (sdk !== bridged) spoken.set(bridged, sdk);
  return bridged;
}

/** Numbers of the fields, from Pulumi's provider.proto. */
interface ResourceFields {
  urn: number;
  type: number;
  /** The program's inputs, in `Check` alone: what leaves Check is what the engine uses from there on. */
  news?: number;
}

function resourceCall(numbers: ResourceFields): Rewrite {
  return (request, spoken) => {
    const rewrites: Record<number, FieldRewrite> = {
      [numbers.urn]: asText((urn) => remember(spoken, urn, urnToBridge(urn))),
      [numbers.type]: asText((type) => remember(spoken, type, toBridge(type, "resource"))),
    };
    if (numbers.news) rewrites[numbers.news] = withoutRegion;
    return rewriteFields(request, rewrites);
  };
}

/** `google.protobuf.Struct` is `map<string, Value> fields = 1`: each entry a message of key (1) and value (2). */
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

const invoke: Rewrite = (request, spoken) =>
  rewriteFields(request, {
    1: asText((token) => remember(spoken, token, toBridge(token, "function"))),
    2: withoutRegion,
  });

const unchanged: Rewrite = (request) => request;

/** The calls that are forwarded; any other is answered as not implemented, which the engine knows how to take. */
export const FORWARDED: Record<string, Rewrite> = {
  CheckConfig: unchanged,
  DiffConfig: unchanged,
  Configure: unchanged,
  Invoke: invoke,
  Check: resourceCall({ urn: 1, type: 7, news: 3 }),
  Diff: resourceCall({ urn: 2, type: 8 }),
  Create: resourceCall({ urn: 1, type: 6 }),
  Read: resourceCall({ urn: 2, type: 6 }),
  Update: resourceCall({ urn: 2, type: 10 }),
  Delete: resourceCall({ urn: 2, type: 7 }),
};

/** Log lines of the bridge name its own types; people know the program's. */
export function logToEngine(request: Buffer, spoken: Spoken): Buffer {
  const MESSAGE = 2;
  const URN = 3;
  return rewriteFields(request, {
    [MESSAGE]: asText((text) => inProgramsWords(text, spoken)),
    [URN]: asText((urn) => spoken.get(urn) ?? urn),
  });
}

/** Replaces the bridge's tokens in a message by the program's. */
export function inProgramsWords(text: string, spoken: Spoken): string {
  return text.replace(/aws:index\/\w+:\w+/g, (token) => {
    if (spoken.has(token)) return spoken.get(token)!;
    for (const [bridged, sdk] of spoken) {
      if (bridged.includes(`${token}::`)) return /[^:$]+:[^:$]+:[^:$]+(?=::[^:]*$)/.exec(sdk)?.[0] ?? token;
    }
    return token;
  });
}

/** `ParameterizeRequest { ParametersArgs args = 1 { repeated string args = 1 } }` */
export function parameterizeRequest(args: string[]): Buffer {
  return encodeField(1, Buffer.concat(args.map((arg) => encodeField(1, Buffer.from(arg, "utf8")))));
}

/** `PluginInfo { string version = 1 }` */
export function pluginInfo(version: string): Buffer {
  return encodeField(1, Buffer.from(version, "utf8"));
}

/** `PluginAttach { string address = 1 }` */
export function attachAddress(request: Buffer): string | undefined {
  return fields(request).next().done ? undefined : readString(request, 1);
}
