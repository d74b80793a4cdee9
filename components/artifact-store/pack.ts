import { createHash, randomBytes } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { gzipSync } from "fflate";
import * as tar from "tar";

/** An artifact as machines fetch it: one `.tar.gz`, named by its content. */
export interface PackedArtifact {
  /** Absolute path of the archive. */
  file: string;
  /** SHA-256 of the archive, 64 hex digits. */
  sha256: string;
}

/** The artifact cannot be packed; the message says what to change. */
export class ArtifactError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ArtifactError";
  }
}

/** Never part of a release: version control and what editors and systems leave behind. */
const LEFT_OUT = new Set([".git", ".DS_Store", "Thumbs.db"]);

/**
 * Packs a folder, or takes a `.tar.gz` as it is.
 *
 * The same content gives the same bytes on any machine: entries are sorted, times and owners are left out, and the
 * compression is done in JavaScript, since the one built into Node differs between processors. A release is known by
 * its SHA-256, so a laptop and a build server must not disagree about it.
 */
export function packArtifactSync(source: string): PackedArtifact {
  const path = resolve(source);
  const kind = statSync(path, { throwIfNoEntry: false });
  if (!kind) throw new ArtifactError(`There is no artifact at ${path}. Build it, or correct its path.`);
  if (kind.isFile()) return takeArchive(path);
  const entries = listEntries(path);
  if (entries.length === 0) throw new ArtifactError(`The artifact folder ${path} is empty.`);
  return keepArchive(gzipSync(packTar(path, entries), { level: 6, mtime: 0 }));
}

/** {@link packArtifactSync} for callers that wait. */
export async function packArtifact(source: string): Promise<PackedArtifact> {
  return packArtifactSync(source);
}

function takeArchive(file: string): PackedArtifact {
  if (!/\.(tar\.gz|tgz)$/.test(file)) {
    throw new ArtifactError(`${file} is not an artifact: it has to be a folder, a .tar.gz or a .tgz.`);
  }
  const outside = entriesOutside(file);
  if (outside.length > 0) {
    throw new ArtifactError(
      `${file} reaches outside of its own folder with ${outside.slice(0, 3).join(", ")}${outside.length > 3 ? ", …" : ""}. ` +
        "Pack it anew, or pass the folder: every entry and link has to stay inside.",
    );
  }
  return { file, sha256: sha256(readFileSync(file)) };
}

/** What would land elsewhere when the archive is unpacked: machines refuse it too, but nobody should have to wait for that. */
function entriesOutside(file: string): string[] {
  const found: string[] = [];
  const leaves = (path: string) => isAbsolute(path) || relative(".", join(".", path)).split(sep)[0] === "..";
  const onReadEntry = ({ path, type, linkpath = "" }: tar.ReadEntry) => {
    if (leaves(path)) found.push(path);
    else if (type === "SymbolicLink" && (isAbsolute(linkpath) || leaves(join(dirname(path), linkpath)))) {
      found.push(`${path} → ${linkpath}`);
    } else if (type === "Link" && leaves(linkpath)) found.push(`${path} → ${linkpath}`);
  };
  try {
    tar.list({ file, sync: true, strict: true, onReadEntry });
  } catch (error) {
    throw new ArtifactError(`${file} cannot be read as a .tar.gz: ${(error as Error).message}`);
  }
  return found;
}

/** Paths of all files and links below a folder, relative to it, in the order of their code points. */
function listEntries(root: string): string[] {
  const entries: string[] = [];
  const visit = (folder: string) => {
    for (const name of readdirSync(join(root, folder))) {
      if (LEFT_OUT.has(name)) continue;
      const entry = folder === "" ? name : `${folder}/${name}`;
      const status = lstatSync(join(root, entry));
      if (status.isDirectory()) visit(entry);
      else if (status.isSymbolicLink()) entries.push(checkedLink(root, entry));
      else if (status.isFile()) entries.push(entry);
    }
  };
  visit("");
  return entries.sort((a, b) => (a < b ? -1 : 1));
}

/** A link may only lead to something that is packed too: on the machine there is nothing else. */
function checkedLink(root: string, entry: string): string {
  const target = readlinkSync(join(root, entry));
  const inside = relative(root, resolve(root, dirname(entry), target));
  if (isAbsolute(target) || inside === ".." || inside.startsWith(`..${sep}`)) {
    throw new ArtifactError(
      `${join(root, entry)} links to ${target}, outside the artifact. Copy the file into the artifact folder.`,
    );
  }
  return entry;
}

function packTar(root: string, entries: string[]): Buffer {
  // In sync mode the stream has everything at once; `portable` leaves out owners, inodes and all times but one.
  const chunks: Buffer[] = [];
  const pack = new tar.PackSync({ cwd: root, portable: true, noMtime: true, noDirRecurse: true });
  pack.on("data", (chunk: Buffer) => chunks.push(chunk));
  for (const entry of entries) pack.add(entry);
  pack.end();
  return Buffer.concat(chunks);
}

/** Keeps the archive under its own hash, so that its path changes exactly when its content does. */
export function keepArchive(archive: Uint8Array, ending = "tar.gz"): PackedArtifact {
  const hash = sha256(archive);
  const folder = join(tmpdir(), `retrofit-artifacts-${userInfo().uid}`);
  const file = join(folder, `${hash}.${ending}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (
    statSync(file, { throwIfNoEntry: false })?.size === archive.length &&
    sha256(readFileSync(file)) === hash
  ) {
    return { file, sha256: hash };
  }
  const partial = `${file}.${randomBytes(4).toString("hex")}`;
  try {
    writeFileSync(partial, archive, { mode: 0o600 });
    renameSync(partial, file);
  } finally {
    rmSync(partial, { force: true });
  }
  return { file, sha256: hash };
}

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
