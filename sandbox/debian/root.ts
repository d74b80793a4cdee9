/**
 * A Debian root to start machines from: what Amazon's Debian image and cloud-init's first minute would have put on a
 * machine, made once with the package sources of this machine and kept in the cache folder. Nothing of it is installed here.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { arch } from "node:os";
import { join } from "node:path";
import { SandboxError } from "../errors";
import type { Progress } from "../progress";
import { ensureDebianPackages } from "../toolchain/debian";
import { lastLines } from "../toolchain/go";
import { run } from "../toolchain/run";
import { step } from "../toolchain/steps";
import { shortHash, stored, toolchainFolder } from "../toolchain/store";

export const SUITE = "bookworm";

/** Another number makes another root. */
const RECIPE = 3;

/** Debian's cloud image, as far as it matters here, and what user data asks for on every machine. */
const PACKAGES = [
  ..."systemd systemd-sysv dbus libpam-systemd udev iproute2 netbase tzdata procps kmod apt-utils".split(" "),
  ..."openssh-server sudo curl ca-certificates logrotate less python3 cloud-init unattended-upgrades".split(
    " ",
  ),
  ..."puppet-agent awscli".split(" "),
];

export interface DebianRoot {
  /** The root's folder; never changed: machines lay their own files over it. */
  readonly folder: string;
  readonly name: string;
}

/** Why this machine cannot start Debian machines of its own, or undefined when it can. */
export function debianRootProblem(): string | undefined {
  if (process.platform !== "linux") return "machines of one's own need Linux";
  if (process.getuid?.() !== 0)
    return "machines of one's own need root (they are started with namespaces of their own)";
  if (!existsSync("/usr/bin/apt-get")) return "machines of one's own need apt (Debian or Ubuntu)";
  return undefined;
}

/** The root, where it was made before. */
export async function findDebianRoot(): Promise<DebianRoot | undefined> {
  if (debianRootProblem()) return undefined;
  const root = rootOf(await packageSources());
  return existsSync(root.folder) ? root : undefined;
}

function rootOf(sources: string): DebianRoot {
  const name = `debian-root-${shortHash(String(RECIPE), SUITE, arch(), PACKAGES.join(), sources)}`;
  return { folder: join(toolchainFolder(), name), name };
}

/** Makes the root where it is not there yet: about a minute and a half, and 600 MB. */
export async function ensureDebianRoot(progress: Progress = () => {}): Promise<DebianRoot> {
  const problem = debianRootProblem();
  if (problem)
    throw new SandboxError(`No Debian root can be made here: ${problem}.`, "Run it as root on Debian 12.");
  const sources = await packageSources();
  const made = rootOf(sources);
  const { name } = made;
  if (existsSync(made.folder)) return made;
  const { folder } = await step(progress, "Debian root", async (say) => {
    const { bin, env } = await ensureDebianPackages(["mmdebstrap"], progress);
    const folder = await stored(
      name,
      (part) => bootstrap(bin("mmdebstrap"), env, sources, part, say),
      () => say("another process is making it; waiting"),
    );
    return { folder, detail: `Debian 12, ${PACKAGES.length} packages asked for` };
  });
  return { folder, name };
}

async function bootstrap(
  mmdebstrap: string,
  env: Record<string, string>,
  sources: string,
  folder: string,
  say: (detail: string) => void,
): Promise<void> {
  say("installing it (about a minute and a half)");
  // The folder is ours by name, and has to be the program's own by making.
  rmSync(folder, { recursive: true });
  const script = `printf %s "$SOURCES" | exec "$0" "$@"`;
  const options = ["--mode=root", "--variant=minbase", "--format=directory", "--quiet"];
  const { code, output } = await run(
    "sh",
    [
      "-c",
      script,
      mmdebstrap,
      ...options,
      ...(await aptOptions()),
      `--include=${PACKAGES.join()}`,
      SUITE,
      folder,
      "-",
    ],
    { env: { ...process.env, ...env, SOURCES: sources, LC_ALL: "C" } },
  );
  if (code !== 0) {
    throw new SandboxError(
      `The Debian root cannot be made: ${lastLines(output, 4)}`,
      "apt has to reach Debian's package sources.",
    );
  }
}

/** What this machine's apt is told about its sources, which a root made with the same sources needs as well. */
async function aptOptions(): Promise<string[]> {
  const { output } = await run("apt-config", ["dump"]);
  const lines = output.split("\n");
  const kept = lines.filter((line) =>
    /^Acquire::(Check-(Valid-Until|Date)|https?::Proxy|Retries) /.test(line),
  );
  return kept.map((line) => `--aptopt=${line.replace(/;$/, "")}`);
}

/**
 * The sources of this machine that are Debian's for the suite, in apt's one-line form; Debian's own where it has none,
 * as on another distribution.
 */
export async function packageSources(): Promise<string> {
  const format = ["REPO_URI", "CODENAME", "COMPONENT"].map((name) => `$(${name})`).join(" ");
  const { output } = await run("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const option = existsSync(keyring) ? `[signed-by=${keyring}] ` : "";
  const lines = output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => new RegExp(`^https?://\\S+ ${SUITE}(-updates|-security)? main$`).test(line))
    .map((line) => `deb ${option}${line}`);
  const standard = [
    `deb ${option}http://deb.debian.org/debian ${SUITE} main`,
    `deb ${option}http://deb.debian.org/debian-security ${SUITE}-security main`,
  ];
  const known = [...new Set(lines)].sort();
  return `${(known.length > 0 ? known : standard).join("\n")}\n`;
}

/** What the root itself was made with, for whoever installs more in it. */
export function rootSources(root: DebianRoot): string {
  return readFileSync(join(root.folder, "etc/apt/sources.list"), "utf8");
}
