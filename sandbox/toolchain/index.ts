/**
 * The tools of the sandbox: engine, AWS provider, emulator. They are found, fetched or built once, remembered in the cache
 * folder, and shared by all copies of the package on the machine.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../folders";
import type { Progress } from "../progress";
import { type Engine, ensureEngine, linkOrCopy, pulumiOnPath } from "./engine";
import { launcher, nodeProgram } from "./node-programs";
import { type AwsProvider, ensureProvider, pluginFolder, providerExists, sdkVersion } from "./provider";
import { ensureEmulatorPython, requirementsFile } from "./python";
import { beginRunning, endRunning } from "./run";
import { shortHash, toolchainFolder } from "./store";
import * as versions from "./versions";

export type { Engine } from "./engine";
export type { AwsProvider } from "./provider";

export interface Toolchain {
  engine: Engine;
  provider: AwsProvider;
  emulator: {
    /** A Python that has the emulator's requirements. */
    python: string;
  };
}

/**
 * Makes sure that the tools are there. The first time that may take minutes (two builds from Go modules, where there is
 * neither a Pulumi nor internet); after that it is a look at a file.
 */
export async function ensureToolchain(progress: Progress = () => {}): Promise<Toolchain> {
  const file = join(toolchainFolder(), `ready-${await circumstances()}.json`);
  const known = remembered(file);
  if (known) return known;
  const toolchain = await ensureAll(progress);
  const part = `${file}.${process.pid}`;
  writeFileSync(part, `${JSON.stringify(toolchain, null, 2)}\n`);
  renameSync(part, file);
  return toolchain;
}

/** One tool that cannot be had is the end: what is under way for the others is given up, and nothing more is told of it. */
async function ensureAll(progress: Progress): Promise<Toolchain> {
  let over = false;
  const tell: Progress = (event) => {
    if (!over) progress(event);
  };
  beginRunning();
  try {
    const building = ensureEngine(tell);
    const all = [building, ensureProvider(tell, building), ensureEmulatorPython(tell)] as const;
    const [engine, provider, python] = await Promise.all(all);
    return { engine, provider, emulator: { python } };
  } catch (error) {
    over = true;
    endRunning();
    throw error;
  }
}

/** What the choice of tools depends on; when any of it changes they are looked for again. */
async function circumstances(): Promise<string> {
  const pulumi = pulumiOnPath();
  return shortHash(
    JSON.stringify(versions),
    readFileSync(requirementsFile()),
    sdkVersion(),
    pulumi ? `${pulumi} ${statSync(pulumi).mtimeMs}` : "",
    process.env.RETROFIT_TERRAFORM_PLUGINS ?? "",
    process.env.RETROFIT_OFFLINE ?? "",
    packageFolder(),
    process.execPath,
    await nodeProgram("language-host"),
  );
}

function remembered(file: string): Toolchain | undefined {
  try {
    const toolchain = JSON.parse(readFileSync(file, "utf8")) as Toolchain;
    const { engine, provider, emulator } = toolchain;
    return existsSync(engine.path) && providerExists(provider) && existsSync(emulator.python)
      ? toolchain
      : undefined;
  } catch {
    return undefined;
  }
}

/** Places the plugins that the engine looks for in a PULUMI_HOME. */
export async function preparePulumiHome(home: string, toolchain?: Toolchain): Promise<void> {
  await placeAwsPlugin(home, (toolchain ?? (await ensureToolchain())).provider);
}

export async function placeAwsPlugin(home: string, provider: AwsProvider): Promise<void> {
  mkdirSync(home, { recursive: true });
  const executable = join(pluginFolder(home, provider.version), "pulumi-resource-aws");
  if (provider.how === "official") {
    if (!existsSync(executable)) linkOrCopy(provider.executable, executable);
    return;
  }
  const args = ["--bridge", provider.bridge, "--terraform-provider", provider.terraformProvider];
  const program = await nodeProgram("provider");
  launcher({ program, args: [...args, "--sdk-version", provider.version, "--"] }).write(executable);
}
