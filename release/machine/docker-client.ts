/** The user's own Docker, by its client: wherever that is, it knows the way to the daemon. */
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { failed } from "../errors";

export interface DockerAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the client to its end. Never rejects: a client that is not there has exit code 127. */
export function docker(args: readonly string[], input?: Readable): Promise<DockerAnswer> {
  return new Promise((resolve) => {
    const child = spawn("docker", args, {
      // A test's own is not the one that a child gets by itself.
      env: process.env,
      stdio: [input ? "pipe" : "ignore", "pipe", "pipe"],
    });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name]!.setEncoding("utf8").on("data", (chunk: string) => {
        said[name] += chunk;
      });
    }
    // A client that ends early says by its exit code why.
    if (input) pipeline(input, child.stdin!).catch(() => {});
    child.once("error", (error) => resolve({ code: 127, stdout: "", stderr: error.message }));
    child.once("close", (code) => resolve({ code: code ?? 1, ...said }));
  });
}

/** What a Docker command printed. */
export async function dockerOutput(args: readonly string[], input?: Readable): Promise<string> {
  const { code, stdout, stderr } = await docker(args, input);
  if (code !== 0) throw failed(`docker ${args[0]} ended with ${code}: ${lastLine(stderr || stdout)}`);
  return stdout.trim();
}

/** @throws CommandError where no daemon answers. */
export async function requireDocker(): Promise<void> {
  const { code, stderr } = await docker(["version", "--format", "{{.Server.Version}}"]);
  if (code === 0) return;
  const reason = code === 127 ? "there is no program docker on PATH." : lastLine(stderr);
  throw failed(
    `Docker does not answer: ${reason}`,
    "Install Docker and start it, or set DOCKER_HOST to where its daemon is.",
  );
}

/** The last that it said, but for where more is to be read. */
function lastLine(text: string): string {
  const lines = text
    .trim()
    .split("\n")
    .filter((line) => !/^(See|Run) 'docker /.test(line));
  return lines.at(-1) ?? "it did not say why";
}
