import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { nodeArguments } from "./run-program";

type RunPluginRequest = import("@pulumi/pulumi/proto/language_pb").RunPluginRequest;

/**
 * Starts a policy pack that is given as a folder, by the runner of the SDK that the pack itself loads. It runs in the
 * pack's folder, because it reads its version from the package.json there.
 */
export function startAnalyzer(request: RunPluginRequest): ChildProcess {
  const info = request.getInfo();
  const folder = info?.getProgramDirectory() || request.getPwd();
  const runner = createRequire(join(folder, "pack.js")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const options = info?.getOptions()?.toJavaScript() ?? {};
  const [engine = ""] = request.getArgsList().filter((argument) => !argument.startsWith("-"));
  return spawn(process.execPath, [...nodeArguments(options), runner, engine, "."], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environmentOf(request) },
  });
}

function environmentOf(request: RunPluginRequest): Record<string, string> {
  return Object.fromEntries(
    request.getEnvList().map((entry) => {
      const at = entry.indexOf("=");
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
