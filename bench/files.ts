/** How fast `retrofit files import` fills a bucket, beside `aws s3 sync` on the same files and the same emulator. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { ensurePythonPackages } from "../sandbox/toolchain/python";
import { region, TestEmulator } from "../tests/support/emulator";
import { fail } from "./lib/fail";
import { LoadWatch } from "./lib/machine";
import { timed } from "./lib/measured-process";
import { saveResult } from "./lib/results";
import { orderOfRound } from "./lib/stats";
import { writeReport } from "./report";
import { type FileSet, type FilesBench, TOOLS, type Tool } from "./sections/files";

const Bucket = "bench-files";
const MEGABYTE = 1e6;
const REQUIREMENTS = join(__dirname, "requirements.txt");

async function main(small: number, largeMb: number, rounds: number): Promise<void> {
  const say = (line: string) => console.error(`files: ${line}`);
  const bin = await ensurePythonPackages(
    { name: "awscli", title: "AWS CLI", requirements: REQUIREMENTS, proof: "awscli" },
    ({ step, state }) => say(`${step}: ${state}`),
  );
  const busy = await LoadWatch.whenIdle(say);
  const folder = mkdtempSync(join(tmpdir(), "retrofit-bench-files-"));
  const sets: FileSet[] = [
    { title: `${small.toLocaleString("en")} small files`, files: small, bytes: 0, rounds: [] },
    { title: `one file of ${largeMb} MB`, files: 1, bytes: largeMb * MEGABYTE, rounds: [] },
  ];
  try {
    for (const set of sets) {
      const source = join(folder, String(set.files));
      makeSource(source, set);
      for (let round = 0; round < rounds; round++) {
        const taken: Partial<FileSet["rounds"][number]> = {};
        for (const tool of orderOfRound([...TOOLS], round)) {
          taken[tool] = await inEmulator(folder, (at) => copyTwice(at, tool, bin, source, set.files));
          say(`${set.title}, ${tool}: ${taken[tool].first.seconds.toFixed(1)} s`);
        }
        set.rounds.push(taken as FileSet["rounds"][number]);
        busy.look();
      }
    }
    const versions = { "AWS CLI": readFileSync(REQUIREMENTS, "utf8").trim().split("==")[1]! };
    saveResult<FilesBench>("files", { data: { sets }, load: busy.look(), versions });
    writeReport();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeSource(source: string, { files, bytes }: FileSet): void {
  mkdirSync(source);
  if (files === 1) {
    const block = Buffer.alloc(MEGABYTE, "retrofit");
    for (let written = 0; written < bytes; written += block.length) {
      appendFileSync(join(source, "large.bin"), block);
    }
    return;
  }
  for (let i = 0; i < files; i++) {
    const place = join(source, String(i % 100).padStart(2, "0"));
    if (i < 100) mkdirSync(place);
    writeFileSync(join(place, `${i}.txt`), `file ${i}\n`.repeat(1 + (i % 500)));
  }
}

interface Place {
  s3: S3Client;
  environment: NodeJS.ProcessEnv;
  journal: string;
}

/** A fresh emulator for each run, so that none is slower for what another has left. */
async function inEmulator<T>(folder: string, run: (place: Place) => Promise<T>): Promise<T> {
  const own = mkdtempSync(join(folder, "run-"));
  const emulator = new TestEmulator(join(own, "emulator"));
  await emulator.start();
  try {
    const { s3 } = emulator.clients();
    await s3.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } }),
    );
    const environment = {
      ...process.env,
      AWS_ENDPOINT_URL: emulator.endpoint,
      AWS_ACCESS_KEY_ID: "AKIASANDBOX000000000",
      AWS_SECRET_ACCESS_KEY: "sandbox",
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_EC2_METADATA_DISABLED: "true",
    };
    return await run({ s3, environment, journal: join(own, "import") });
  } finally {
    await emulator.end();
    rmSync(own, { recursive: true, force: true });
  }
}

async function copyTwice(
  { s3, environment, journal }: Place,
  tool: Tool,
  bin: string,
  source: string,
  files: number,
) {
  const to = `s3://${Bucket}/archive`;
  const retrofit = [join(__dirname, "..", "bin", "retrofit.js"), "files", "import", source, "--to", to];
  const [command, args] = {
    retrofit: [process.execPath, [...retrofit, "--journal", journal]],
    awsSync: [join(bin, "python"), [join(bin, "aws"), "s3", "sync", source, to, "--only-show-errors"]],
  }[tool] as [string, string[]];
  const copy = async () => {
    const seconds = await timed({ command, args, cwd: source, env: environment });
    let objects = 0;
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket })) objects += page.KeyCount ?? 0;
    if (objects !== files) throw new Error(`${tool} left ${objects} objects of ${files} files`);
    return { seconds, objects };
  };
  return { first: await copy(), again: await copy() };
}

const [small = 5000, largeMb = 1000, rounds = 3] = process.argv.slice(2).map(Number);
main(small, largeMb, rounds).catch(fail);
