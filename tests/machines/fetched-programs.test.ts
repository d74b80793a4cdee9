/** Programs that Debian does not have come from a mirror: only with their sum, whole, and nowhere but into their folder. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as tar from "tar";
import { machinesFolder } from "./support/configuration";

const run = promisify(execFile);
const PROGRAM = join(machinesFolder, "site-modules/profile/files/retrofit-fetch");

let folder: string;
let archive: Buffer;
let mirror: Server;
let address: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "retrofit-fetched-"));
  mkdirSync(join(folder, "opensearch-2.19.1/bin"), { recursive: true });
  writeFileSync(join(folder, "opensearch-2.19.1/bin/opensearch"), "#!/bin/sh\n", { mode: 0o755 });
  const file = join(folder, "archive.tar.gz");
  await tar.create({ gzip: true, file, cwd: folder }, ["opensearch-2.19.1"]);
  archive = readFileSync(file);
  mirror = createServer((_, answer) => answer.end(archive));
  await new Promise<void>((resolve) => mirror.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}/opensearch.tar.gz`;
});
afterAll(() => {
  mirror.close();
  rmSync(folder, { recursive: true });
});

const fetchInto = (target: string, sha256: string) =>
  run("python3", [PROGRAM, "program", address, target, "--sha256", sha256]);

test("an archive with the sum that is known is there whole, without the folder that everything in it was in", async () => {
  const target = join(folder, "opt/opensearch/0123");
  await fetchInto(target, createHash("sha256").update(archive).digest("hex"));
  expect(readdirSync(target)).toEqual(["bin"]);
  expect((await run(join(target, "bin/opensearch"), [])).stdout).toBe("");
});

test("another archive is not used, and leaves nothing", async () => {
  const target = join(folder, "opt/dashboards/4567");
  await expect(fetchInto(target, "0".repeat(64))).rejects.toThrow(
    /has SHA-256 .*, expected was 0{64}: not used/,
  );
  expect(existsSync(target)).toBe(false);
  expect(readdirSync(join(folder, "opt/dashboards"))).toEqual([]);
});
