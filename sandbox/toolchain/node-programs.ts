/** The parts of the sandbox that the engine starts as programs: compiled once, started by a small shell script. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SandboxError } from "../errors";
import { packageFolder } from "../folders";
import { shortHash } from "./store";

export type NodeProgram = "provider" | "language-host";

/**
 * The path of a program's compiled entry. In the published package that is the file that `npm run build` made. In a
 * checkout the sources are compiled into `node_modules/.cache`, by their content: 0.4 s less at each start than compiling
 * while loading, and modules are found from there as from the sources.
 */
export async function nodeProgram(program: NodeProgram): Promise<string> {
  const sources = join(packageFolder(), "sandbox", program);
  if (!existsSync(join(sources, "main.ts"))) {
    return join(packageFolder(), "dist", "sandbox", program, "main.js");
  }
  const files = readdirSync(sources).filter(
    (name) => /^[\w-]+\.(ts|json)$/.test(name) && !name.endsWith(".test.ts"),
  );
  const contents = files.map((name) => readFileSync(join(sources, name)));
  const key = shortHash(...files, ...contents);
  const folder = join(packageFolder(), "node_modules", ".cache", "retrofit", `${program}-${key}`);
  if (!existsSync(folder)) await compile(files, contents, folder);
  return join(folder, "main.js");
}

async function compile(files: string[], contents: Buffer[], folder: string): Promise<void> {
  const { transform } = await import("@swc/core");
  const part = `${folder}.${process.pid}`;
  try {
    mkdirSync(part, { recursive: true });
    for (const [i, name] of files.entries()) {
      if (name.endsWith(".json")) writeFileSync(join(part, name), contents[i]!);
      else {
        const { code } = await transform(contents[i]!.toString("utf8"), {
          filename: name,
          jsc: { target: "es2022", parser: { syntax: "typescript" } },
          module: { type: "commonjs" },
        });
        writeFileSync(join(part, name.replace(/\.ts$/, ".js")), code);
      }
    }
    rename(part, folder);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw new SandboxError(
      `The sandbox's programs cannot be compiled into ${folder}: ${(error as Error).message}`,
      "Make node_modules writable, or install the package again.",
      { cause: error },
    );
  }
}

function rename(part: string, folder: string): void {
  try {
    renameSync(part, folder);
  } catch (error) {
    // Another process made the same meanwhile.
    if (!existsSync(folder)) throw error;
    rmSync(part, { recursive: true, force: true });
  }
}

export interface Launcher {
  text: string;
  write(path: string): void;
}

/** A script that the engine can start in place of a binary plugin. It is replaced in one step: it may be in use. */
export function launcher({ program, args }: { program: string; args: string[] }): Launcher {
  const words = [process.execPath, program, ...args].map(quote).join(" ");
  const text = `#!/bin/sh\nexec ${words} "$@"\n`;
  return {
    text,
    write(path) {
      if (existsSync(path) && readFileSync(path, "utf8") === text) return;
      const part = `${path}.${process.pid}`;
      writeFileSync(part, text, { mode: 0o755 });
      renameSync(part, path);
    },
  };
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
