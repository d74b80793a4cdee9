/** Names of the services, and the few messages that are made here. */
import type { Translator } from "./translate";
import { encodeField, encodeString, type FieldRewrite, rewriteFields } from "./wire";

export const PROVIDER_SERVICE = "/pulumirpc.ResourceProvider/";
export const ENGINE_SERVICE = "/pulumirpc.Engine/";

/** `LogRequest`: log lines of the bridge name its own types; people know the program's. */
export function logToEngine(request: Buffer, translator: Translator): Buffer {
  const inWords: FieldRewrite = (content) =>
    Buffer.from(translator.inProgramsWords(content.toString("utf8")), "utf8");
  const MESSAGE = 2;
  const URN = 3;
  return rewriteFields(request, { [MESSAGE]: inWords, [URN]: inWords });
}

/** `ParameterizeRequest { ParametersArgs args = 1 { repeated string args = 1 } }` */
export function parameterizeRequest(args: string[]): Buffer {
  return encodeField(1, Buffer.concat(args.map((arg) => encodeString(1, arg))));
}

/** `PluginInfo { string version = 1 }` */
export function pluginInfo(version: string): Buffer {
  return encodeString(1, version);
}

/** `PluginAttach { string address = 1 }` */
export const ATTACH_ADDRESS = 1;
