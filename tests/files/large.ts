/**
 * 50,000 small files and one of 5 GB into a bucket of the emulator, killed twice and resumed: `npm run test:files:large`. Takes
 * a while and 20 GB of disk; closes as the other test commands do.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { PART_BYTES } from "../../release/files/upload-in-parts";
import { region, TestEmulator } from "../support/emulator";
import { ImportTrial } from "./support/import-trial";

const FILES = Number(process.argv[2] ?? 50_000);
const PARTS = Number(process.argv[3] ?? (5 * 1024 ** 3) / PART_BYTES);
const Bucket = "files-of-shop";
const HOURS = 3600;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "retrofit-files-large-"));
  const emulator = new TestEmulator(join(folder, "journal"));
  try {
    await emulator.start();
    const { s3 } = emulator.clients();
    await s3.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } }),
    );
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    const trial = new ImportTrial(emulator, s3, Bucket, join(folder, "source"), FILES, PARTS);
    await timed(`${FILES} files and one of ${PARTS} parts made`, async () => trial.makeSource());
    for (const share of [0.3, 0.6]) {
      await timed(`copied and killed at ${share * 100} %`, () => trial.killAt(share, HOURS));
    }
    const report = await timed("the rest copied", () => trial.finish());
    const again = await timed("once more, with nothing to copy", () => trial.finish());
    const { different, twice } = await timed("each read back", () => trial.differences());
    const sent = trial.partsSent();
    console.error(`parts sent: ${sent} of ${PARTS}`);
    judge({
      "every file is there": report.files === FILES + 1 && report.differences.length === 0,
      "with the sum that it has here": different.length === 0,
      "none twice": twice.length === 0,
      "no part was sent again but those under way at a kill": sent <= PARTS + 8,
      "a run with nothing to do copies nothing": again.copied === 0 && again.skipped === FILES + 1,
    });
  } finally {
    await emulator.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const done = await work();
  console.error(`${what}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
  return done;
}

function judge(results: Record<string, boolean>): void {
  const failed = Object.keys(results).filter((what) => !results[what]);
  for (const what of failed) console.error(`FAILED: ${what}`);
  console.log(`${Object.keys(results).length - failed.length} passed, ${failed.length} failed, 0 skipped`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

main().catch((error: Error) => {
  console.error(error.stack);
  process.exit(1);
});
