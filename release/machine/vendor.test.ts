import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPuppetfile, vendoringProblems } from "../../components/machine";
import { vendor } from "./vendor";

let folder: string;
let forge: string;
let server: Server;
let asked: string[];
let archive: Buffer;
/** What the Forge says the archive's sum is. */
let sum: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "retrofit-vendor-"));
  mkdirSync(join(folder, "source/acme-web-1.2.3/manifests"), { recursive: true });
  writeFileSync(join(folder, "source/acme-web-1.2.3/manifests/init.pp"), "class web {}\n");
  archive = execFileSync("tar", ["-C", join(folder, "source"), "-cz", "acme-web-1.2.3"]);
  sum = createHash("sha256").update(archive).digest("hex");
  asked = [];
  server = createServer((request, answer) => {
    asked.push(request.url!);
    if (request.url === "/v3/releases/acme-web-1.2.3") {
      const metadata = { dependencies: [{ name: "puppetlabs/stdlib" }] };
      answer.end(JSON.stringify({ file_uri: "/v3/files/acme-web-1.2.3.tar.gz", file_sha256: sum, metadata }));
    } else if (request.url === "/v3/files/acme-web-1.2.3.tar.gz") answer.end(archive);
    else answer.writeHead(404).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  forge = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await new Promise((resolve) => server.close(resolve));
});

const puppetfile = (text: string) => {
  writeFileSync(join(folder, "Puppetfile"), text);
  return readPuppetfile(folder);
};
const WEB = "# ours\nmod 'acme/web', '1.2.3' # pinned\n";

test("a module is fetched once, held to its sum, and what it wants besides is told", async () => {
  const { modules } = puppetfile(WEB);
  expect(vendoringProblems(folder)).toMatchObject([
    { property: "Puppetfile acme/web", got: "nothing in modules/" },
  ]);
  expect(await vendor(folder, modules, forge)).toEqual([
    { module: "acme/web", version: "1.2.3", fetched: true, missing: ["puppetlabs-stdlib"] },
  ]);
  expect(readFileSync(join(folder, "modules/web/manifests/init.pp"), "utf8")).toBe("class web {}\n");
  expect(vendoringProblems(folder)).toEqual([]);
  await vendor(folder, modules, forge);
  expect(asked).toHaveLength(2);
});

test("an archive with another sum is not kept", async () => {
  sum = "0".repeat(64);
  await expect(vendor(folder, puppetfile(WEB).modules, forge)).rejects.toThrow(/the Forge names 0{64}/);
  expect(existsSync(join(folder, "modules/web"))).toBe(false);
});

test("a module that is no longer named goes, and one that the Forge has not is told", async () => {
  await vendor(folder, puppetfile(WEB).modules, forge);
  await vendor(folder, puppetfile("").modules, forge);
  expect(existsSync(join(folder, "modules/web"))).toBe(false);
  await expect(vendor(folder, puppetfile("mod 'acme/web', '9.9.9'").modules, forge)).rejects.toThrow(
    "The Forge has no acme-web-9.9.9.",
  );
});

test("what is no module of the Forge with a version is told with its line", () => {
  expect(puppetfile("forge 'x'\nmod 'acme/web'\n").problems).toMatchObject([
    { property: "Puppetfile line 2", allowed: "mod 'owner/name', '1.2.3'" },
  ]);
});
