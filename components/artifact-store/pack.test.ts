import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packArtifactSync } from "./pack";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "retrofit-artifact-test-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function application(name: string, order: string[] = ["server.js", "lib/page.js", "a.txt"]): string {
  const root = join(folder, name);
  mkdirSync(join(root, "lib"), { recursive: true });
  for (const file of order) writeFileSync(join(root, file), `content of ${file}\n`.repeat(200));
  return root;
}

function listed(file: string): string[] {
  return execFileSync("tar", ["-tzf", file], { encoding: "utf8" }).trim().split("\n");
}

test("the same content packs to the same bytes, whatever the times, the order of writing, the group's rights or the folder's name", () => {
  const one = application("one");
  const other = application("other", ["lib/page.js", "a.txt", "server.js"]);
  utimesSync(join(other, "server.js"), 1, 1);
  chmodSync(join(other, "a.txt"), 0o664);
  expect(packArtifactSync(other)).toEqual(packArtifactSync(one));
});

test("the archive of a known folder has a known hash, so that machines of different kinds agree", () => {
  const root = join(folder, "known");
  mkdirSync(root);
  writeFileSync(join(root, "server.js"), "console.log('hello');\n");
  chmodSync(join(root, "server.js"), 0o644);
  expect(packArtifactSync(root).sha256).toBe(
    "a78a0c13d2229b9833a4dfc3836c001e3d21e0262aa6892866ecdd4144e15c55",
  );
});

test("one changed byte, a new name or the right to execute makes another artifact", () => {
  const root = application("app");
  const hashes = [packArtifactSync(root).sha256];
  writeFileSync(join(root, "a.txt"), "changed");
  hashes.push(packArtifactSync(root).sha256);
  chmodSync(join(root, "server.js"), 0o755);
  hashes.push(packArtifactSync(root).sha256);
  writeFileSync(join(root, "b.txt"), "");
  hashes.push(packArtifactSync(root).sha256);
  expect(new Set(hashes).size).toBe(4);
});

test("an ordinary tar unpacks it, without version control and with links that stay inside", () => {
  const root = application("app");
  mkdirSync(join(root, ".git"));
  writeFileSync(join(root, ".git", "HEAD"), "x");
  symlinkSync("server.js", join(root, "main.js"));
  const { file } = packArtifactSync(root);
  expect(listed(file)).toEqual(["a.txt", "lib/page.js", "main.js", "server.js"]);
  const target = join(folder, "unpacked");
  mkdirSync(target);
  execFileSync("tar", ["-xzf", file, "-C", target]);
  expect(execFileSync("diff", ["-r", "--exclude=.git", root, target], { encoding: "utf8" })).toBe("");
});

test("a link that leads out of the artifact is refused, since its target will be missing on the machine", () => {
  const root = application("app");
  symlinkSync("../secret", join(root, "lib", "secret"));
  symlinkSync("../../secret", join(root, "lib", "further"));
  expect(() => packArtifactSync(root)).toThrow(/further links to \.\.\/\.\.\/secret, outside the artifact/);
});

test("an archive is taken as it is", () => {
  const { file, sha256 } = packArtifactSync(application("app"));
  expect(packArtifactSync(file)).toEqual({ file, sha256 });
});

test.each([
  ["missing", "missing", /There is no artifact at/],
  ["empty", "", /is empty/],
  ["of another kind", "server.js", /has to be a folder, a \.tar\.gz or a \.tgz/],
])("an artifact that is %s says what to change", (_what, name, message) => {
  const root = join(folder, "bad");
  mkdirSync(root);
  if (name === "server.js") writeFileSync(join(root, name), "");
  expect(() => packArtifactSync(join(root, name))).toThrow(message);
});

test.each([
  ["an entry above its folder", ["-P", "../outside.txt"], /\.\.\/outside\.txt/],
  ["an absolute entry", ["-P", "/etc/hostname"], /\/etc\/hostname/],
  ["a link to a file outside", ["escape"], /escape → \.\.\/outside\.txt/],
])("an archive with %s is refused, with its name", (_what, args, message) => {
  const inside = join(folder, "inside");
  mkdirSync(inside);
  writeFileSync(join(folder, "outside.txt"), "x");
  symlinkSync("../outside.txt", join(inside, "escape"));
  const file = join(folder, "bad.tar.gz");
  execFileSync("tar", ["-czf", file, ...args], { cwd: inside, stdio: "pipe" });
  expect(() => packArtifactSync(file)).toThrow(/reaches outside of its own folder/);
  expect(() => packArtifactSync(file)).toThrow(message);
});

test("a file that only has the name of an archive is told as such", () => {
  const file = join(folder, "text.tar.gz");
  writeFileSync(file, "no archive at all, but long enough to be read as one ".repeat(40));
  expect(() => packArtifactSync(file)).toThrow(/cannot be read as a \.tar\.gz/);
});
