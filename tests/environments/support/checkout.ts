/** A project's folder as a runner of a CI has it: a clone of a remote, with the steps of the pipelines and what they call. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Finished, start } from "../../support/command-line";

const root = join(__dirname, "..", "..", "..");

export class Checkout {
  private readonly remote = mkdtempSync(join(tmpdir(), "retrofit-remote-"));

  constructor(private readonly folder: string) {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    cpSync(join(root, "ci", "steps"), join(folder, "ci", "steps"), { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify({ version: "1.0.0" }));
    writeFileSync(join(folder, ".gitignore"), "node_modules\nsample\nsandbox\n.retrofit\n");
    execFileSync("git", ["init", "-q", "--bare", "-b", "main", this.remote]);
    this.git("init", "-q", "-b", "main");
    this.git("remote", "add", "origin", this.remote);
    this.git("add", "-A");
    this.git("commit", "-q", "-m", "Begin");
    this.git("push", "-q", "origin", "main");
  }

  /** A step as a pipeline calls it; `variables` point at AWS and the engine, as a runner's do. */
  step(variables: Record<string, string>, script: string, ...args: string[]): Promise<Finished> {
    return start("sh", [join("ci", "steps", script), ...args], variables, this.folder).finished;
  }

  /** A file as it was pushed. */
  pushed(file: string): string {
    return execFileSync("git", ["show", `main:${file}`], { cwd: this.remote, encoding: "utf8" });
  }

  remove(): void {
    rmSync(this.remote, { recursive: true, force: true });
  }

  private git(...args: string[]): void {
    execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], {
      cwd: this.folder,
    });
  }
}
