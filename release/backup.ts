import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Project, replaceFile } from "./project";

/**
 * The environment's file as it was before a release that is under way, kept on disk: a process that is killed in the
 * middle leaves the new file behind, and the next command must still know what to put back.
 */
export class Backup {
  private readonly path: string;

  constructor(project: Project, environment: string) {
    this.path = join(project.folder, ".retrofit", `before-release.${environment}.yaml`);
  }

  /** Keeps the content; on resuming, what the first attempt kept stays. Gives what is kept now. */
  take(content: Buffer, resume: boolean): Buffer {
    const kept = resume ? this.read() : undefined;
    if (kept) return kept;
    mkdirSync(dirname(this.path), { recursive: true });
    replaceFile(this.path, content);
    return content;
  }

  read(): Buffer | undefined {
    return existsSync(this.path) ? readFileSync(this.path) : undefined;
  }

  drop(): void {
    rmSync(this.path, { force: true });
  }
}
