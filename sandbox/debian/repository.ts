/**
 * Packages for machines that have no network of their own: downloaded once with their dependencies, offered to each
 * machine as a package source in a folder. So machines install for real, and the same versions each time.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SandboxError } from "../errors";
import type { Progress } from "../progress";
import { lastLines } from "../toolchain/go";
import { run } from "../toolchain/run";
import { step } from "../toolchain/steps";
import { shortHash, stored, toolchainFolder } from "../toolchain/store";
import type { DebianRoot } from "./root";

/**
 * Makes the source where it is not there yet; gives its folder, with `Packages` and the packages themselves. Fresh: with the versions
 * that there are now, not those that were downloaded before.
 */
export async function ensureRepository(
  root: DebianRoot,
  packages: readonly string[],
  progress: Progress = () => {},
  { fresh = false }: { fresh?: boolean } = {},
): Promise<string> {
  const wanted = [...new Set(packages)].sort();
  const name = `debian-packages-${shortHash(root.name, ...wanted)}`;
  const made = join(toolchainFolder(), name);
  if (fresh) rmSync(made, { recursive: true, force: true });
  if (existsSync(made)) return made;
  const { folder } = await step(progress, "Debian packages for machines", async (say) => {
    const folder = await stored(
      name,
      (part) => fill(root, wanted, part, say),
      () => say("another process is downloading them; waiting"),
    );
    const count = readdirSync(folder).filter((file) => file.endsWith(".deb")).length;
    return { folder, detail: `${count} packages` };
  });
  return folder;
}

async function fill(
  root: DebianRoot,
  packages: readonly string[],
  folder: string,
  say: (detail: string) => void,
): Promise<void> {
  say(`downloading ${packages.length} packages and what they need`);
  const scratch = mkdtempSync(join(tmpdir(), "retrofit-packages-"));
  try {
    const { code, output } = await run(
      "unshare",
      ["--mount", "sh", "-ec", DOWNLOAD, "sh", root.folder, scratch, ...packages],
      {
        env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
      },
    );
    const archives = join(scratch, "upper/var/cache/apt/archives");
    if (code !== 0 || !existsSync(archives)) {
      throw new SandboxError(
        `Debian packages for machines cannot be had: ${lastLines(output, 4)}`,
        "apt has to reach Debian's package sources.",
      );
    }
    for (const file of readdirSync(archives)) {
      if (file.endsWith(".deb")) cpSync(join(archives, file), join(folder, file));
    }
    const index = await run("sh", ["-c", 'cd "$1" && apt-ftparchive packages . > Packages', "sh", folder]);
    const inside = index.code === 0 ? index : await indexInside(root, folder);
    if (inside.code !== 0)
      throw new SandboxError(`No package index: ${lastLines(inside.output, 3)}`, "Try again.");
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** `apt-ftparchive` is part of the root; a machine need not have it. */
function indexInside(root: DebianRoot, folder: string) {
  mkdirSync(join(folder, ".root"), { recursive: true });
  const script = `mount --bind "$1" "$2/.root" && mount --bind "$2" "$2/.root/srv" && chroot "$2/.root" sh -c 'cd /srv && apt-ftparchive packages . ' > "$2/Packages.part" && umount "$2/.root/srv" "$2/.root" && mv "$2/Packages.part" "$2/Packages"; rmdir "$2/.root"`;
  return run("unshare", ["--mount", "sh", "-ec", script, "sh", root.folder, folder]);
}

/** In a mount namespace of its own: the root with a layer over it, in which apt downloads. */
const DOWNLOAD = `
root=$1 scratch=$2
shift 2
mkdir -p "$scratch/upper" "$scratch/work" "$scratch/merged"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/merged"
mount -t proc proc "$scratch/merged/proc"
mount --rbind /dev "$scratch/merged/dev"
cp /etc/resolv.conf "$scratch/merged/etc/resolv.conf"
[ ! -f /etc/hosts ] || cp /etc/hosts "$scratch/merged/etc/hosts"
chroot "$scratch/merged" apt-get -q update
chroot "$scratch/merged" apt-get -q -y --no-install-recommends -o APT::Keep-Downloaded-Packages=true --download-only install "$@"
`;
