import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

type RunRequest = import("@pulumi/pulumi/proto/language_pb").RunRequest;

/** Starts the user's program the way the SDK's own runner wants it: arguments for what to run, environment for the config. */
export function startProgram(request: RunRequest, engine: string): ChildProcess {
  const info = request.getInfo();
  const folder = info?.getProgramDirectory() || request.getPwd();
  const options = info?.getOptions()?.toJavaScript() ?? {};
  const args = [
    ...nodeArguments(options),
    runner(folder),
    ...flag("monitor", request.getMonitorAddress()),
    ...flag("engine", engine),
    ...flag("organization", request.getOrganization()),
    ...flag("project", request.getProject()),
    ...flag("stack", request.getStack()),
    ...flag("root-directory", info?.getRootDirectory()),
    ...flag("pwd", request.getPwd()),
    ...flag("parallel", String(request.getParallel())),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    ...(request.getQuerymode() ? ["--query-mode"] : []),
    info?.getEntryPoint() || request.getProgram() || ".",
    ...request.getArgsList(),
  ];
  return spawn(process.execPath, args, {
    cwd: request.getPwd(),
    // The engine reads this host's standard output line by line and shows it; the program's goes the same way.
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...programEnvironment(request, options) },
  });
}

function programEnvironment(request: RunRequest, options: Record<string, unknown>): Record<string, string> {
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toObject())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    // On unless the project says otherwise, as in the official host.
    PULUMI_NODEJS_TYPESCRIPT: String(options.typescript !== false),
    ...(typeof options.tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig } : {}),
  };
}

export function nodeArguments({ nodeargs }: Record<string, unknown>): string[] {
  return typeof nodeargs === "string" ? nodeargs.split(/\s+/).filter(Boolean) : [];
}

/** The runner of the SDK that the program itself will load, so that the two agree. */
function runner(folder: string): string {
  return createRequire(join(folder, "program.js")).resolve("@pulumi/pulumi/cmd/run");
}

function flag(name: string, value: string | undefined): string[] {
  return value ? [`--${name}`, value] : [];
}
