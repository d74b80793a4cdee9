/** Catalogs of machines, compiled by the Puppet that machines have: in a Debian root, and nothing is changed by it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DebianRoot } from "../../sandbox/debian";
import { packageRoot } from "../package-root";

export interface Catalog {
  error?: string;
  resources: number;
  packages: string[];
  classes: string[];
  files: Record<string, string>;
  /** Text of the files that Puppet writes, by path. */
  contents: Record<string, string>;
  /** Text of systemd's units that the role brings, by name. */
  units: Record<string, string>;
  milliseconds: number;
}

/** A machine: what machine.json tells it, and facts that are not those of a usual machine. */
export interface CatalogEntry {
  readonly document: unknown;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** Compiles one catalog for each entry. A catalog that does not compile says why; the others are there all the same. */
export function compileCatalogs(
  root: DebianRoot,
  folder: string,
  entries: Readonly<Record<string, CatalogEntry>>,
): Record<string, Catalog> {
  const scratch = mkdtempSync(join(tmpdir(), "retrofit-compile-"));
  const program = join(packageRoot(), "release", "machine");
  try {
    writeFileSync(join(scratch, "documents.json"), JSON.stringify(entries));
    const output = execFileSync(
      "unshare",
      ["--mount", "sh", "-ec", COMPILE, "sh", root.folder, scratch, folder, program],
      {
        encoding: "utf8",
        maxBuffer: 64 << 20,
        env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" },
      },
    );
    return JSON.parse(output.trim().split("\n").at(-1)!) as Record<string, Catalog>;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const COMPILE = `
  mkdir -p "$2/upper/conf/c0ffee" "$2/upper/scratch" "$2/upper/ruby" "$2/work" "$2/merged"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/merged"
  mount --bind "$3" "$2/merged/conf/c0ffee"; mount --bind "$2" "$2/merged/scratch"; mount --bind "$4" "$2/merged/ruby"
  mount -t proc proc "$2/merged/proc"
  chroot "$2/merged" ruby /ruby/catalog.rb /conf/c0ffee /scratch/documents.json`;
