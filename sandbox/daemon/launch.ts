import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { SandboxError } from "../errors";
import { nodeArguments } from "../node-arguments";
import type { DaemonOptions } from "./daemon";
import { sandboxMarker } from "./processes";

/** What a daemon tells its starter. */
export type LaunchMessage =
  | { kind: "ready" }
  /** Another one had been there before. */
  | { kind: "running" }
  | { kind: "failed"; message: string; hint: string };

const startMilliseconds = 180_000;
const largestLog = 5_000_000;

export interface Launched {
  /** From here on the daemon lives without its starter, if it was leased or is to be kept. */
  letGo(): void;
}

/** Starts a daemon of its own session and waits until it is ready. */
export async function launch(options: Omit<DaemonOptions, "id">): Promise<Launched> {
  const { files } = options;
  mkdirSync(files.logs, { recursive: true });
  const id = `${files.key}-${randomBytes(6).toString("hex")}`;
  const log = openLog(join(files.logs, "daemon.log"));
  const child = spawn(
    process.execPath,
    [...nodeArguments(join(__dirname, "main")), JSON.stringify({ ...options, id } satisfies DaemonOptions)],
    {
      cwd: files.folder,
      detached: true,
      env: { ...inherited(), [sandboxMarker]: id },
      stdio: ["ignore", log, log, "ipc"],
    },
  );
  closeSync(log);

  const message = await new Promise<LaunchMessage>((resolve) => {
    const hint = `The daemon's log is ${join(files.logs, "daemon.log")}.`;
    const failed = (what: string) => resolve({ kind: "failed", message: what, hint });
    const timer = setTimeout(() => failed("The sandbox was not ready in three minutes."), startMilliseconds);
    child.once("message", (told) => {
      clearTimeout(timer);
      resolve(told as LaunchMessage);
    });
    child.once("error", (error) => failed(`The sandbox's daemon cannot be started: ${error.message}`));
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      failed(`The sandbox's daemon ended while it started (${signal ?? `exit code ${code}`}).`);
    });
  });
  const letGo = () => {
    if (child.connected) child.disconnect();
    child.unref();
  };
  if (message.kind === "failed") {
    letGo();
    throw new SandboxError(message.message, message.hint);
  }
  return { letGo };
}

/** The starter's environment, without what would change how the daemon runs or lead its children to a real account. */
function inherited(): NodeJS.ProcessEnv {
  const foreign = /^(AWS_|PULUMI_|TS_NODE_|JEST_|PYTHON|NODE_OPTIONS$|NODE_CHANNEL_FD$|RETROFIT_SANDBOX_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

function openLog(file: string): number {
  if (existsSync(file) && statSync(file).size > largestLog) renameSync(file, `${file}.1`);
  return openSync(file, "a");
}
