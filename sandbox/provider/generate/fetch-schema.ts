import { Bridge, call } from "../bridge";
import { PROVIDER_SERVICE } from "../methods";
import { readBytes } from "../wire";
import type { SchemaSpec } from "./bridged";

/** Asks a bridge of our own for the Pulumi schema that it makes of the Terraform provider. */
export async function fetchSchema(paths: { bridge: string; terraformProvider: string }): Promise<SchemaSpec> {
  const bridge = new Bridge({
    executable: paths.bridge,
    terraformProvider: paths.terraformProvider,
    // Nobody listens there: the bridge only logs to it.
    engineAddress: "127.0.0.1:1",
    onExit: () => {},
  });
  try {
    const response = await call(await bridge.ready, `${PROVIDER_SERVICE}GetSchema`, Buffer.alloc(0));
    return JSON.parse(readBytes(response, 1)!.toString("utf8")) as SchemaSpec;
  } finally {
    bridge.kill();
  }
}
