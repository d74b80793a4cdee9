/** A container image as `docker save` writes it, made without Docker: a root file system that has busybox and nothing else. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDebianPackages } from "../../sandbox/toolchain/debian";

/** Writes the archive of a busybox image; gives the image's id. */
export async function writeBusyboxImage(file: string): Promise<string> {
  const busybox = (await ensureDebianPackages(["busybox-static"])).bin("busybox");
  const folder = mkdtempSync(join(tmpdir(), "retrofit-image-"));
  try {
    const root = join(folder, "root");
    for (const one of ["bin", "tmp"]) mkdirSync(join(root, one), { recursive: true });
    copyFileSync(busybox, join(root, "bin", "busybox"));
    symlinkSync("busybox", join(root, "bin", "sh"));
    pack(root, join(folder, "layer.tar"));
    const layer = `sha256:${sha256(readFileSync(join(folder, "layer.tar")))}`;
    const config = JSON.stringify({
      architecture: process.arch === "arm64" ? "arm64" : "amd64",
      os: "linux",
      created: "2026-01-01T00:00:00Z",
      config: { Env: ["PATH=/bin"], Cmd: ["/bin/sh"] },
      rootfs: { type: "layers", diff_ids: [layer] },
    });
    const id = sha256(config);
    writeFileSync(join(folder, `${id}.json`), config);
    const manifest = [{ Config: `${id}.json`, RepoTags: null, Layers: ["layer.tar"] }];
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
    rmSync(root, { recursive: true });
    pack(folder, file);
    return `sha256:${id}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same bytes for the same files, so that the image has the same id each time. */
function pack(folder: string, file: string): void {
  const alike = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--mode=a+rX"];
  // Without its folder, which would be in the archive as a name without a file.
  execFileSync("sh", ["-c", 'cd "$1" && shift && tar "$@" -c *', "sh", folder, ...alike, "-f", file]);
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
