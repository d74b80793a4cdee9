/** Files given as Pulumi assets, where the Terraform provider wants the path of a file. */
import { createHash } from "node:crypto";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Properties, Value } from "./struct";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** The property that takes a file and the one that tells Terraform of changed content, by the SDK's path. */
const FILES: Record<string, { file: string; hash: string }> = {
  "s3/bucketObject": { file: "source", hash: "sourceHash" },
  "s3/bucketObjectv2": { file: "source", hash: "sourceHash" },
};

export function withFiles(inputs: Properties, path: string): Properties {
  const names = FILES[path];
  const given = names && inputs[names.file];
  if (!names || !isAsset(given)) return inputs;
  const { file, hash } = asFile(given, path);
  return { [names.hash]: hash, ...inputs, [names.file]: file };
}

function isAsset(value: Value | undefined): value is Properties {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return value[SIGNATURE] === ASSET || value[SIGNATURE] === ARCHIVE;
}

function asFile(asset: Properties, type: string): { file: string; hash: string } {
  if (typeof asset.path === "string" && existsSync(asset.path) && statSync(asset.path).isFile()) {
    return { file: asset.path, hash: String(asset.hash ?? "") };
  }
  if (typeof asset.text === "string") {
    const hash = createHash("sha256").update(asset.text).digest("hex");
    const file = join(tmpdir(), `retrofit-asset-${hash}`);
    if (!existsSync(file)) writeFileSync(file, asset.text, { mode: 0o600 });
    return { file, hash };
  }
  const given = typeof asset.path === "string" ? `"${asset.path}"` : "an archive or an address";
  throw new Error(
    `${type}: the sandbox takes a FileAsset or FileArchive of an existing file, or a StringAsset; got ${given}. ` +
      "Make a file of it first.",
  );
}
