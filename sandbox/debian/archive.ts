import { type ChildProcess, spawn } from "node:child_process";
import type { DebianRoot } from "./root";

/**
 * The files of a root with a layer over it, as a tar archive on the process's standard output. Left out is what each machine
 * has for itself: devices, and what is in memory.
 */
export function archiveOf(root: DebianRoot, layer: string): ChildProcess {
  return spawn("unshare", ["--mount", "sh", "-ec", ARCHIVE, "sh", root.folder, layer], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** In a mount namespace of its own, so that nothing stays mounted. */
const ARCHIVE = `
mount -t overlay overlay -o "ro,lowerdir=$2:$1" /mnt
exec tar --directory=/mnt --create --numeric-owner --exclude=./dev/* --exclude=./proc/* --exclude=./run/* --exclude=./sys/* --exclude=./tmp/* .
`;
