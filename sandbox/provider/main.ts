/**
 * `pulumi-resource-aws` of the sandbox. Started by the engine through the launcher that sandbox/toolchain writes:
 *
 *     node main.js --bridge <path> --terraform-provider <path> --sdk-version <version> -- [engine address]
 */
import { parseArgs } from "node:util";
import { Plugin } from "./server";

const { values, positionals } = parseArgs({
  options: {
    bridge: { type: "string" },
    "terraform-provider": { type: "string" },
    "sdk-version": { type: "string" },
  },
  allowPositionals: true,
});

/** How often to look whether the engine is still there, in milliseconds. */
const PARENT_CHECK = 500;

async function main(): Promise<void> {
  const plugin = new Plugin({
    bridge: values.bridge!,
    terraformProvider: values["terraform-provider"]!,
    sdkVersion: values["sdk-version"]!,
    engineAddress: positionals.find((argument) => !argument.startsWith("-")),
  });
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) plugin.end(0);
  }, PARENT_CHECK).unref();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => plugin.end(0));
  process.stdout.write(`${await plugin.listen()}\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
