/** Builds programs out of Go modules. */
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../folders";
import { run } from "./run";
import { toolchainFolder } from "./store";
import { BRIDGE_VERSION, compareVersions, ENGINE_VERSIONS, GO_MINIMUM } from "./versions";

export interface Go {
  command: string;
  env: NodeJS.ProcessEnv;
}

/** What can be built, and the folder of its module files under `go/`. */
export const PROGRAMS = {
  engine: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  bridge: "github.com/pulumi/pulumi-terraform-bridge/v3/dynamic",
} as const;

/** Finds a Go that can build the modules; throws with what is wrong with the one there is. */
export async function findGo(): Promise<Go> {
  const env: NodeJS.ProcessEnv = { ...process.env, GO111MODULE: "on", GOWORK: "off" };
  // What is built runs here, whatever the user builds elsewhere.
  for (const name of ["GOOS", "GOARCH", "GOEXPERIMENT"]) delete env[name];
  for (const command of ["go", "/usr/local/go/bin/go"]) {
    const asked = await run(command, ["env", "-json", "GOVERSION", "GOTOOLCHAIN", "GOCACHE", "GOMODCACHE"], {
      env,
      timeout: 20_000,
    });
    if (asked.code === 127) continue;
    const found = parseGoEnvironment(asked.output);
    if (!found.GOVERSION) throw new Error(`\`${command} env\` failed: ${lastLines(asked.output, 2)}`);
    const version = found.GOVERSION.replace(/^go/, "").split(" ")[0]!;
    if (compareVersions(version, GO_MINIMUM) < 0 && found.GOTOOLCHAIN === "local") {
      throw new Error(
        `Go ${version} is too old: ${GO_MINIMUM} or newer is needed (and GOTOOLCHAIN=local keeps Go from getting one)`,
      );
    }
    return { command, env: { ...env, ...cacheFolders(found) } };
  }
  throw new Error(`there is no Go (${GO_MINIMUM} or newer)`);
}

function parseGoEnvironment(output: string): Record<string, string | undefined> {
  try {
    return JSON.parse(output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1));
  } catch {
    return {};
  }
}

/** Go has no caches without a home folder. */
function cacheFolders(found: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const own = join(toolchainFolder(), "go");
  const env: NodeJS.ProcessEnv = {};
  if (!found.GOCACHE || found.GOCACHE === "off" || !usable(found.GOCACHE)) env.GOCACHE = join(own, "build");
  if (!found.GOMODCACHE || !usable(found.GOMODCACHE)) env.GOMODCACHE = join(own, "modules");
  return env;
}

function usable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, ".retrofit"), "");
    return true;
  } catch {
    return false;
  }
}

export interface GoBuild {
  program: keyof typeof PROGRAMS;
  /** Path of the executable to make. */
  output: string;
  /** Where the module files go. */
  folder: string;
  engineVersion: string;
  say: (detail: string) => void;
}

/**
 * Both modules require engine and bridge, so that they agree about the versions of what they share, and Go compiles that
 * once. They cannot be one module: they need different major versions of one package.
 */
export async function goBuild(go: Go, build: GoBuild): Promise<void> {
  const module = join(build.folder, "module");
  mkdirSync(module);
  const committed = join(packageFolder(), "sandbox", "toolchain", "go", build.program);
  if (build.engineVersion === ENGINE_VERSIONS[0] && existsSync(join(committed, "go.sum"))) {
    for (const file of ["go.mod", "go.sum"]) cpSync(join(committed, file), join(module, file));
  } else {
    writeFileSync(join(module, "go.mod"), goMod(build.program, build.engineVersion));
  }
  let packages = 0;
  const onOutput = (chunk: string) => {
    for (const line of chunk.split("\n")) {
      if (line.startsWith("go: downloading ")) build.say(`downloading modules`);
      else if (/^[\w.-]+(\/[\w.@~-]+)*$/.test(line)) build.say(`compiling, ${++packages} packages`);
    }
  };
  const version = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${build.engineVersion}`;
  const args = [
    "build",
    "-v",
    "-mod=mod",
    "-buildvcs=false",
    "-ldflags",
    `-s -w ${version}`,
    "-o",
    build.output,
  ];
  const result = await run(go.command, [...args, PROGRAMS[build.program]], {
    cwd: module,
    env: go.env,
    onOutput,
  });
  if (result.code !== 0) throw new GoBuildError(result.output);
}

export class GoBuildError extends Error {
  /** Whether a module was not to be had, as opposed to code that does not compile. */
  readonly notServed: boolean;

  constructor(output: string) {
    const told = output.split("\n").filter((line) => line.trim() && !line.startsWith("go: downloading "));
    super(`go build failed: ${told.slice(-3).join(" | ") || "no output"}`);
    this.name = "GoBuildError";
    this.notServed = /\b(404|410|403) |not found|unknown revision|no matching versions/i.test(
      told.join("\n"),
    );
  }
}

/** The module for an engine version whose complete module files are not committed. */
function goMod(program: keyof typeof PROGRAMS, engineVersion: string): string {
  return `module retrofit/sandbox

go ${GO_MINIMUM}

tool (
	${PROGRAMS.bridge}
	${PROGRAMS.engine}
)

require (
	github.com/pulumi/pulumi-terraform-bridge/v3 v${BRIDGE_VERSION}
	github.com/pulumi/pulumi/pkg/v3 v${engineVersion}
)

replace (
	github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e
	github.com/hashicorp/terraform-plugin-sdk/v2 => github.com/pulumi/terraform-plugin-sdk/v2 v2.0.0-20260318212141-5525259d096b
${program === "engine" ? "\tgithub.com/olekukonko/tablewriter => github.com/olekukonko/tablewriter v0.0.5\n" : ""})
`;
}

export function lastLines(output: string, count: number): string {
  return output.trim().split("\n").slice(-count).join(" | ");
}
