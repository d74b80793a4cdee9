/** What git knows of the folder that a project is in. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { wrongUse } from "./errors";

const execute = promisify(execFile);

/** What a git command prints. Rejects where git says no. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute("git", args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** The commit from which a change began: where its branch left `since`. */
export async function beginOfChange(folder: string, since: string): Promise<string> {
  try {
    return (await git(folder, "merge-base", `${since}^{commit}`, "HEAD")).trim();
  } catch {
    throw wrongUse(
      `--since ${since}: git knows no commit here that it and HEAD have in common.`,
      "Name a branch or a commit, such as origin/main. A checkout in CI needs its history (on GitHub: fetch-depth: 0).",
    );
  }
}
