/** Takes an artifact from the bucket of one environment to that of the next. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publishArtifact, readProvenance } from "../publish";
import { type Artifact, type Evidence, keepEvidence } from "./evidence";
import type { LiveRelease } from "./live-release";

/**
 * The artifact, where it came from and its evidence are in the next bucket before anything names them. Each environment has a
 * bucket with a key of its own: its machines never read another's, and it outlives the others.
 */
export async function carry(
  { artifact, s3 }: Pick<LiveRelease, "artifact" | "s3">,
  content: Buffer,
  shown: readonly Evidence[],
  bucket: string,
): Promise<string> {
  const of: Artifact = { ...artifact, bucket };
  const origin = await readProvenance(s3, artifact);
  const folder = mkdtempSync(join(tmpdir(), "retrofit-promote-"));
  try {
    const file = join(folder, "artifact.tar.gz");
    writeFileSync(file, content);
    // What an update uploaded from a folder says nothing of where it came from: it is noted from here on.
    const address = await publishArtifact(s3, of, { file, sha256: of.sha256 }, origin ?? file);
    for (const evidence of shown) await keepEvidence(s3, of, evidence);
    return address;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
