import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProgressEvent } from "../progress";
import { parseSimulation } from "./apt";
import { ensureDebianPackages, packagesIn, treeName } from "./debian";
import { toolchainFolder } from "./store";

const home = mkdtempSync(join(tmpdir(), "retrofit-debian-"));
const before = { home: process.env.RETROFIT_HOME, path: process.env.PATH };

beforeEach(() => {
  process.env.RETROFIT_HOME = home;
});
afterEach(() => {
  process.env.PATH = before.path;
});
afterAll(() => {
  process.env.RETROFIT_HOME = before.home;
  if (before.home === undefined) delete process.env.RETROFIT_HOME;
  rmSync(home, { recursive: true, force: true });
});

/** Programs that stand for apt and dpkg: one package, its dependency, and what they were asked for in a log. */
function fakeDebian(answers: { "apt-get"?: string; "dpkg-query"?: string } = {}): { log: () => string[] } {
  const folder = mkdtempSync(join(home, "bin-"));
  const log = join(folder, "log");
  const programs = {
    "apt-get": `echo "$*" >> ${log}
${answers["apt-get"] ?? ""}
case "$*" in
  *--simulate*) printf 'Inst libtool1 (1.0-1 Debian:12/stable [amd64])\\nInst libc6 [2.36-9] (2.36-10 Debian:12/stable [amd64])\\nInst tool [0.9] (1:2.0-1 Debian:12/stable [amd64])\\nConf tool (2.0-1 x [amd64])\\n';;
  *download*) for last; do case $last in *::*) ;; *=*) : > "$(echo "$last" | tr = _).deb";; esac; done;;
esac`,
    "dpkg-query": answers["dpkg-query"] ?? "exit 1",
    dpkg: `mkdir -p "$3/usr/bin"; printf '#!/bin/sh\\necho tool\\n' > "$3/usr/bin/tool"; chmod +x "$3/usr/bin/tool"`,
  };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  process.env.PATH = `${folder}:${before.path}`;
  return {
    log: () =>
      execFileSync("sh", ["-c", `cat ${log} 2>/dev/null || true`], { encoding: "utf8" })
        .split("\n")
        .filter(Boolean),
  };
}

test("what would be installed is read with versions, upgrades included", () => {
  const output =
    "Inst b:amd64 [1.0] (2:1.1-3 Debian:12.1/stable [amd64])\nInst a (0.9 X [all])\nConf a (0.9 X [all])\n";
  expect(parseSimulation(output)).toEqual([
    { name: "a", version: "0.9" },
    { name: "b:amd64", version: "2:1.1-3" },
  ]);
});

test("a tree's name is another when any version in it is", () => {
  const packages = [{ name: "a", version: "1" }];
  expect(treeName(["a"], packages)).toMatch(/^debian-a-[0-9a-f]{12}$/);
  expect(treeName(["a"], packages)).not.toBe(treeName(["a"], [{ name: "a", version: "2" }]));
});

test("missing packages are unpacked with their dependencies, the C library never; once", async () => {
  const fake = fakeDebian();
  const events: ProgressEvent[] = [];
  const found = await ensureDebianPackages(["tool"], (event) => events.push(event));
  expect(found.root).toBe(
    join(
      toolchainFolder(),
      treeName(
        ["tool"],
        [
          { name: "libtool1", version: "1.0-1" },
          { name: "tool", version: "1:2.0-1" },
        ],
      ),
    ),
  );
  expect(execFileSync(found.bin("tool"), { encoding: "utf8" })).toBe("tool\n");
  expect(found.env.PATH?.split(":")[0]).toBe(join(found.root, "usr/bin"));
  expect(readdirSync(found.root)).toEqual(["usr"]);
  expect(events.at(-1)).toMatchObject({ state: "done", detail: "2 unpacked" });
  const asked = fake.log();
  expect(asked.at(-1)).toMatch(/download libtool1=1\.0-1 tool=1:2\.0-1$/);
  expect(await ensureDebianPackages(["tool"])).toMatchObject({ root: found.root });
  expect(fake.log()).toEqual(asked);
});

test("an installed package is used where it is, and nothing is fetched", async () => {
  const fake = fakeDebian({ "dpkg-query": "echo 'sometool installed'" });
  const found = await ensureDebianPackages(["sometool"]);
  expect([found.root, found.env]).toEqual(["/", {}]);
  expect(found.bin("sh")).toMatch(/\/sh$/);
  expect(fake.log()).toEqual([]);
});

test("lists that are too old are read anew beside the machine's own, and the download is tried again", async () => {
  const fake = fakeDebian({
    "apt-get": `case "$*" in
  *Dir::State::lists*) ;;
  *download*) echo "E: Failed to fetch 404 Not Found"; exit 100;;
esac`,
  });
  const found = await ensureDebianPackages(["other"]);
  expect(found.bin("tool")).toContain(found.root);
  const updates = fake.log().filter((line) => line.endsWith("update"));
  expect(updates).toHaveLength(1);
  expect(updates[0]).toContain(`Dir::State::lists=${join(toolchainFolder(), "apt", "lists")}`);
});

test("packages that cannot be had are told with apt's reason and what to do", async () => {
  fakeDebian({ "apt-get": 'echo "E: Unable to locate package nosuch"; exit 100' });
  await expect(ensureDebianPackages(["nosuch"])).rejects.toMatchObject({
    message: "Debian packages cannot be had (nosuch): E: Unable to locate package nosuch",
    hint: expect.stringContaining("apt-get install nosuch"),
  });
});

test("a machine without apt is told which packages to install", async () => {
  process.env.PATH = mkdtempSync(join(home, "empty-"));
  await expect(ensureDebianPackages(["redis-server"])).rejects.toMatchObject({
    message: "This machine has no apt to fetch redis-server with.",
  });
});

test("a program that no package brought is an error that says so", () => {
  mkdirSync(join(home, "tree", "usr", "bin"), { recursive: true });
  expect(() => packagesIn(join(home, "tree")).bin("no-such-program")).toThrow(
    'There is no program "no-such-program"',
  );
});
