/** Pulumi's command line: the user's own, else the official build, else one built from Go modules. */
import { accessSync, constants, copyFileSync, existsSync, linkSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { SandboxError } from "../errors";
import type { Progress } from "../progress";
import { findGo, type Go, GoBuildError, goBuild } from "./go";
import { launcher, nodeProgram } from "./node-programs";
import { engineRelease, unpackRelease } from "./official";
import { run } from "./run";
import { step } from "./steps";
import { shortHash, stored, toolchainFolder } from "./store";
import { compareVersions, ENGINE_MINIMUM, ENGINE_VERSIONS } from "./versions";

export interface Engine {
  /** Path of the `pulumi` executable. Its folder holds the language host too, except with `PATH`. */
  path: string;
  version: string;
  how: "PATH" | "launcher" | "go";
}

type Found = { engine: Engine; detail: string };

/** The first `pulumi` on PATH that is not one of ours. */
export function pulumiOnPath(): string | undefined {
  const own = toolchainFolder();
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, "pulumi");
    if (folder && !path.startsWith(own) && isExecutable(path)) return path;
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const STEP = "Pulumi engine";

export function ensureEngine(progress: Progress): Promise<Engine> {
  const reasons: string[] = [];
  return step(progress, STEP, async (say) => {
    const ways = [fromPath, fromOfficial, fromGo];
    for (const way of ways) {
      try {
        const found = await way(say, reasons);
        const why = reasons.length > 0 ? ` (${reasons.join("; ")})` : "";
        return { engine: found.engine, detail: found.detail + why };
      } catch (error) {
        reasons.push((error as Error).message);
      }
    }
    throw new SandboxError(
      `No Pulumi engine can be had: ${reasons.join("; ")}.`,
      `Any one of these helps: install Pulumi ${ENGINE_MINIMUM} or newer (https://www.pulumi.com/docs/install/), ` +
        "allow downloads from get.pulumi.com, or install Go with a module proxy within reach (GOPROXY).",
    );
  }).then((found) => found.engine);
}

async function fromPath(): Promise<Found> {
  const path = pulumiOnPath();
  if (!path) throw new Error("no pulumi on PATH");
  const asked = await run(path, ["version"], {
    timeout: 10_000,
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  const version = /v?(\d+\.\d+\.\d+\S*)/.exec(asked.output)?.[1];
  if (asked.code !== 0 || !version) throw new Error(`${path} does not tell its version`);
  if (compareVersions(version, ENGINE_MINIMUM) < 0) {
    throw new Error(`${path} is ${version}, older than ${ENGINE_MINIMUM}`);
  }
  if (!existsSync(join(dirname(realpathSync(path)), "pulumi-language-nodejs"))) {
    throw new Error(`${path} has no pulumi-language-nodejs beside it`);
  }
  return { engine: { path, version, how: "PATH" }, detail: `${version} from PATH` };
}

type Say = (detail: string) => void;

async function fromOfficial(say: Say): Promise<Found> {
  const version = ENGINE_VERSIONS[0];
  const folder = await stored(`pulumi-${version}-official`, (part) =>
    unpackRelease(engineRelease(version), part, say),
  );
  const path = join(folder, "pulumi");
  return { engine: { path, version, how: "launcher" }, detail: `${version}, official build` };
}

async function fromGo(say: Say, reasons: string[]): Promise<Found> {
  const go = await findGo();
  for (const version of ENGINE_VERSIONS) {
    try {
      const folder = await buildEngine(go, version, say);
      const path = await withLanguageHost(join(folder, "pulumi"));
      return { engine: { path, version, how: "go" }, detail: `${version}, built from Go modules` };
    } catch (error) {
      if (!(error instanceof GoBuildError && error.notServed)) throw error;
      reasons.push(`the module proxy does not serve ${version}: ${error.message}`);
    }
  }
  throw new Error("the module proxy serves none of the pinned versions");
}

function buildEngine(go: Go, version: string, say: Say): Promise<string> {
  const about = `building Pulumi ${version} from Go modules (4 to 8 min the first time)`;
  return stored(
    `pulumi-${version}-go`,
    async (part) => {
      say(about);
      const output = join(part, "pulumi");
      await goBuild(go, {
        program: "engine",
        output,
        folder: part,
        engineVersion: version,
        say: (detail) => say(`${about}: ${detail}`),
      });
    },
    () => say("another process is building it; waiting"),
  );
}

/**
 * The engine wants the language host beside itself. The host is this package's own (see sandbox/language-host), so each
 * copy of the package has a folder of its own with both; the engine in it is a hard link.
 */
async function withLanguageHost(engine: string): Promise<string> {
  const host = launcher({ program: await nodeProgram("language-host"), args: [] });
  const folder = await stored(`engine-${shortHash(engine, host.text)}`, async (part) => {
    linkOrCopy(engine, join(part, "pulumi"));
    host.write(join(part, "pulumi-language-nodejs"));
  });
  return join(folder, "pulumi");
}

export function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
