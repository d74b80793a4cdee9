/** Asks Debian's package manager without changing anything on the machine; nothing here needs root. */
import { accessSync, constants, mkdirSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { SandboxError } from "../errors";
import { offline } from "./downloads";
import { lastLines } from "./go";
import { type RunResult, run } from "./run";
import { toolchainFolder } from "./store";

export interface PackageVersion {
  name: string;
  version: string;
}

const minutes = 60_000;

/** A program on PATH or where administrators' programs lie, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/local/sbin"];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function hasApt(): boolean {
  return ["apt-get", "dpkg", "dpkg-query"].every((name) => findProgram(name) !== undefined);
}

/** Which of these packages are installed on the machine. */
export async function installedPackages(names: readonly string[]): Promise<Set<string>> {
  const format = "$" + "{Package} $" + "{db:Status-Status}\n";
  const { output } = await run("dpkg-query", ["-W", "-f", format, ...names], { env: plain() });
  return new Set(
    output
      .split("\n")
      .map((line) => line.split(" "))
      .flatMap(([name, status]) => (name && status === "installed" ? [name] : [])),
  );
}

/**
 * The package lists that apt is asked with. The machine's own come first; where they are missing or too old, lists of
 * ours in the cache folder, which can be brought up to date without root and without touching the machine's.
 */
export class Apt {
  private own = false;

  /** What would be installed for these names, dependencies included, without what the machine has. */
  async resolve(names: readonly string[], say: (detail: string) => void): Promise<PackageVersion[]> {
    const ask = () => this.apt(["--simulate", "--no-install-recommends", "install", ...names]);
    let answer = await ask();
    if (answer.code !== 0 && (await this.refresh(say))) answer = await ask();
    if (answer.code !== 0) throw this.refused(names, answer.output);
    return parseSimulation(answer.output);
  }

  /** Downloads packages into a folder; gives the files. */
  async download(
    packages: readonly PackageVersion[],
    folder: string,
    say: (detail: string) => void,
  ): Promise<string[]> {
    mkdirSync(folder, { recursive: true });
    const wanted = packages.map(({ name, version }) => `${name}=${version}`);
    say(`downloading ${packages.length} Debian packages`);
    const { code, output } = await this.apt(["download", ...wanted], folder);
    const files = readdirSync(folder).filter((file) => file.endsWith(".deb"));
    if (code !== 0 || files.length < packages.length) throw this.refused(wanted, output);
    return files.map((file) => join(folder, file));
  }

  /** Takes fresh lists of our own. False when they are in use already, or cannot be had. */
  async refresh(say: (detail: string) => void): Promise<boolean> {
    if (this.own || offline()) return false;
    this.own = true;
    for (const path of this.folders()) mkdirSync(path, { recursive: true });
    say("reading the package lists");
    const { code } = await this.apt(["update"]);
    return code === 0;
  }

  private folders(): string[] {
    const folder = join(toolchainFolder(), "apt");
    return [join(folder, "lists", "partial"), join(folder, "cache", "archives", "partial")];
  }

  private apt(args: readonly string[], cwd?: string): Promise<RunResult> {
    const folder = join(toolchainFolder(), "apt");
    const lists = this.own
      ? ["-o", `Dir::State::lists=${join(folder, "lists")}`, "-o", `Dir::Cache=${join(folder, "cache")}`]
      : [];
    // apt's sandbox user could not write into our folders, and says so at length.
    const options = ["-q", "-o", "APT::Sandbox::User=", "-o", "Acquire::Retries=2", ...lists];
    return run("apt-get", [...options, ...args], {
      env: plain(),
      timeout: 10 * minutes,
      ...(cwd && { cwd }),
    });
  }

  private refused(names: readonly string[], output: string): SandboxError {
    const reasons = output.split("\n").filter((line) => line.startsWith("E:"));
    const reason = reasons.length > 0 ? reasons.join(" ") : lastLines(output, 2);
    return new SandboxError(
      `Debian packages cannot be had (${names.join(", ")}): ${reason}`,
      `Install them (apt-get install ${names.map((name) => name.split("=")[0]).join(" ")}), or let apt reach its package source.`,
    );
  }
}

/** Lines such as `Inst redis-tools [old] (5:7.0.15-1 Debian:12/stable [amd64])`. */
export function parseSimulation(output: string): PackageVersion[] {
  return [...output.matchAll(/^Inst (\S+) (?:\[[^\]]*\] )?\((\S+) /gm)]
    .map(([, name, version]) => ({ name: name!, version: version! }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Messages in English, and no questions. */
function plain(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
}

/** Where `dpkg` keeps what is installed; another time means that the answer may be another. */
export const dpkgStatus = "/var/lib/dpkg/status";
