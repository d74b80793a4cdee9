/** The emulator's Python environment. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SandboxError } from "../errors";
import { packageFolder } from "../folders";
import type { Progress } from "../progress";
import { lastLines } from "./go";
import { run } from "./run";
import { step } from "./steps";
import { shortHash, stored } from "./store";
import { compareVersions, PYTHON_MINIMUM } from "./versions";

export interface Python {
  command: string;
  version: string;
}

/** Newest first; `python3` before them, since it is what the user chose. */
const NAMES = [
  "python3",
  "python3.14",
  "python3.13",
  "python3.12",
  "python3.11",
  "python3.10",
  "python3.9",
  "python",
];

/** The user's settings that would send packages elsewhere than into the environment. */
function pythonEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, PIP_USER: "0", PIP_REQUIRE_VIRTUALENV: "0" };
  for (const name of ["PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "VIRTUAL_ENV"])
    delete env[name];
  return env;
}

export async function findPython(): Promise<Python> {
  const seen: string[] = [];
  for (const name of NAMES) {
    const code = "import sys; print(sys.executable); print('.'.join(map(str, sys.version_info[:3])))";
    const asked = await run(name, ["-c", code], { env: pythonEnvironment(), timeout: 20_000 });
    const [command, version] = asked.output.trim().split("\n").slice(-2);
    if (asked.code !== 0 || !command || !version) continue;
    if (compareVersions(version, PYTHON_MINIMUM) >= 0) return { command, version };
    seen.push(`${name} is ${version}`);
  }
  throw new SandboxError(
    `The emulator needs Python ${PYTHON_MINIMUM} or newer; ${seen.join(", ") || "there is none on PATH"}.`,
    "Install it (Debian, Ubuntu: apt-get install python3 python3-venv).",
  );
}

export function requirementsFile(): string {
  return join(packageFolder(), "sandbox", "emulator", "requirements.txt");
}

/** Packages from Python's index, in an environment of their own. */
export interface PythonPackages {
  /** Begin of the folder's name. */
  name: string;
  /** The step's name, for people. */
  title: string;
  /** Path of a requirements file. */
  requirements: string;
  /** A module of theirs that has to load. */
  proof: string;
}

/** The path of a Python that has the emulator's requirements. */
export async function ensureEmulatorPython(progress: Progress): Promise<string> {
  const emulator = { name: "emulator", title: "Emulator", proof: "moto.server" };
  return join(
    await ensurePythonPackages({ ...emulator, requirements: requirementsFile() }, progress),
    "python",
  );
}

/** The folder of the environment's programs, `python` among them. */
export async function ensurePythonPackages(packages: PythonPackages, progress: Progress): Promise<string> {
  const wanted = readFileSync(packages.requirements, "utf8");
  const { folder } = await step(progress, packages.title, async (say) => {
    const python = await findPython();
    const detail = `${wanted.trim().split("\n")[0]} on Python ${python.version}`;
    const folder = await stored(
      `${packages.name}-${shortHash(wanted, python.command, python.version)}`,
      (part) => install(python, packages, part, say),
      () => say("another process is installing it; waiting"),
    );
    return { folder, detail };
  });
  return join(folder, "bin");
}

async function install(
  python: Python,
  { title, requirements, proof }: PythonPackages,
  folder: string,
  say: (detail: string) => void,
): Promise<void> {
  const env = pythonEnvironment();
  say("making a virtual environment");
  const pip = await makeEnvironment(python, folder, env);
  say(`installing the packages of ${requirements.split("/").slice(-3).join("/")} (about half a minute)`);
  const common = [
    "install",
    "--disable-pip-version-check",
    "--no-input",
    "--prefer-binary",
    "--no-compile",
    "--quiet",
  ];
  const installed = await run(
    pip[0]!,
    [...pip.slice(1), ...common, ...targetOf(pip, folder, python), "-r", requirements],
    { env },
  );
  if (installed.code !== 0) {
    throw new SandboxError(
      `${title}: its packages cannot be installed: ${lastLines(installed.output, 3)}`,
      "pip has to reach a package index (PIP_INDEX_URL names another than the public one).",
    );
  }
  const checked = await run(join(folder, "bin", "python"), ["-c", `import ${proof}`], { env });
  if (checked.code !== 0) {
    throw new SandboxError(
      `${title}: its packages are installed, and do not load: ${lastLines(checked.output, 3)}`,
      "Try another Python: put it first on PATH.",
    );
  }
}

/**
 * Makes the environment and returns the pip to fill it with. Debian and Ubuntu take `ensurepip` out of Python, so an
 * environment without pip, filled by the pip outside of it, comes next, then `virtualenv`.
 */
async function makeEnvironment(python: Python, folder: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const inside = [join(folder, "bin", "python"), "-m", "pip"];
  const failures: string[] = [];
  const attempt = async (command: string, args: string[]): Promise<boolean> => {
    const result = await run(command, args, { env });
    if (result.code !== 0)
      failures.push(`${[command, ...args.slice(0, 2)].join(" ")}: ${lastLines(result.output, 1)}`);
    return result.code === 0;
  };
  if (await attempt(python.command, ["-m", "venv", "--clear", folder])) return inside;
  const outside = [python.command, "-m", "pip"];
  const bare = ["-m", "venv", "--clear", "--without-pip", folder];
  if ((await attempt(python.command, ["-m", "pip", "--version"])) && (await attempt(python.command, bare)))
    return outside;
  if (await attempt("virtualenv", ["--python", python.command, "--clear", folder])) return inside;
  throw new SandboxError(
    `No virtual environment can be made with Python ${python.version}: ${failures.join("; ")}.`,
    "Install what is missing (Debian, Ubuntu: apt-get install python3-venv; elsewhere: pip install virtualenv).",
  );
}

/** A pip from outside is told where the environment keeps its packages. */
function targetOf(pip: string[], folder: string, python: Python): string[] {
  if (pip[0] === join(folder, "bin", "python")) return [];
  const [major, minor] = python.version.split(".");
  const target = join(folder, "lib", `python${major}.${minor}`, "site-packages");
  mkdirSync(target, { recursive: true });
  return ["--target", target];
}
