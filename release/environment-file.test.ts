import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import type { ReleaseConfig } from "../stacks/config";
import { setReleases } from "./environment-file";

const one: ReleaseConfig = { version: "1.0.0", artifact: "sample/releases/1.0.0", database: "none" };
const two: ReleaseConfig = {
  version: "1.1.0",
  artifact: "s3://bucket/releases/1.1.0.tar.gz",
  sha256: "a".repeat(64),
  image: "ami-0123456789abcdef0",
  database: "additive",
};

const FILE = `# The shop's dev environment
config:
  aws:region: 'eu-central-1' # where the office is

  retrofit:size:   small
  # What users see
  retrofit:live: # bumped by CI
    # never go back below 1.0.0
    version: "1.0.0" # quoted on purpose
    artifact: sample/releases/1.0.0
  # After the releases
  retrofit:web: {testers: [10.0.0.0/8],   min: 2}   # odd spacing
  # the end
`;

test("a new release is written where the old one stood, and nothing else changes", () => {
  expect(setReleases(FILE, { live: two, standby: one })).toBe(`# The shop's dev environment
config:
  aws:region: 'eu-central-1' # where the office is

  retrofit:size:   small
  # What users see
  retrofit:live: # bumped by CI
    # never go back below 1.0.0
    version: "1.1.0" # quoted on purpose
    artifact: s3://bucket/releases/1.1.0.tar.gz
    sha256: ${"a".repeat(64)}
    image: ami-0123456789abcdef0
    database: additive
  retrofit:standby:
    version: 1.0.0
    artifact: sample/releases/1.0.0
  # After the releases
  retrofit:web: {testers: [10.0.0.0/8],   min: 2}   # odd spacing
  # the end
`);
});

test("a release and its way back leave the file as it was", () => {
  const released = setReleases(FILE, { live: two, standby: one });
  const back = setReleases(released, { live: one, standby: undefined });
  expect(back.replace("    database: none\n", "")).toBe(FILE);
});

test("retiring takes the standby's lines and no others", () => {
  const both = setReleases(FILE, { live: two, standby: one });
  const retired = setReleases(both, { live: two, standby: undefined });
  expect(retired).toBe(
    both.replace("  retrofit:standby:\n    version: 1.0.0\n    artifact: sample/releases/1.0.0\n", ""),
  );
});

test("a release in one line stays in one line", () => {
  const flow = "config:\n  retrofit:live: { version: 1.0.0, artifact: app } # live\n  retrofit:size: small\n";
  expect(setReleases(flow, { live: { ...one, version: "1.2.0" }, standby: undefined })).toBe(
    "config:\n  retrofit:live: { version: 1.2.0, artifact: sample/releases/1.0.0 } # live\n  retrofit:size: small\n",
  );
});

test("without a live release both go to the end, before what follows the keys", () => {
  const text = "config:\n  retrofit:size: full # prod\n# No live release yet.\nencryptionsalt: v1:x\n";
  expect(setReleases(text, { live: one, standby: two })).toBe(`config:
  retrofit:size: full # prod
  retrofit:live:
    version: 1.0.0
    artifact: sample/releases/1.0.0
  retrofit:standby:
    version: 1.1.0
    artifact: s3://bucket/releases/1.1.0.tar.gz
    sha256: ${"a".repeat(64)}
    image: ami-0123456789abcdef0
    database: additive
# No live release yet.
encryptionsalt: v1:x
`);
});

test("a file without a last line break gets none in the middle of a line", () => {
  const text = "config:\n  retrofit:size: small";
  expect(setReleases(text, { live: one, standby: undefined })).toBe(
    "config:\n  retrofit:size: small\n  retrofit:live:\n    version: 1.0.0\n    artifact: sample/releases/1.0.0",
  );
});

test("line endings of Windows stay", () => {
  const edited = setReleases(FILE.replaceAll("\n", "\r\n"), { live: two, standby: one });
  expect(edited.replaceAll("\r\n", "\n")).toBe(setReleases(FILE, { live: two, standby: one }));
  expect(edited.match(/(?<!\r)\n/)).toBeNull();
});

test.each([
  ["an empty key", "config:\n  # soon\n  retrofit:live:\n  retrofit:size: small\n"],
  [
    "flow style throughout",
    "config: { retrofit:size: small, retrofit:live: { version: 1.0.0, artifact: app } } # soon\n",
  ],
  ["JSON text", `config:\n  retrofit:live: '{"version":"1.0.0","artifact":"app"}' # soon\n`],
  [
    "an anchor",
    "config:\n  # soon\n  retrofit:live: &r { version: 1.0.0, artifact: app }\n  retrofit:standby: *r\n",
  ],
  [
    "a folded text",
    "config:\n  # soon\n  retrofit:live:\n    version: >-\n      1.0.0\n    artifact: app\n  retrofit:size: small\n",
  ],
])("%s is an odd shape, and still ends with the releases asked for and its comment", (_, text) => {
  const edited = setReleases(text, { live: two, standby: one });
  const { database: _none, ...oneWritten } = one;
  expect(parse(edited).config).toMatchObject({ "retrofit:live": two, "retrofit:standby": oneWritten });
  expect(edited).toContain("# soon");
});

const release = fc.record(
  {
    version: fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)).map((parts) => parts.join(".")),
    artifact: fc.constantFrom(
      "app",
      "sample/releases/1.0.0",
      "s3://bucket/key: with#signs",
      "builds/{latest}, [x]",
      "yes",
      "0x10",
    ),
    sha256: fc.constantFrom("b".repeat(64), `${"1".repeat(63)}e`, "0".repeat(64)),
    image: fc.constant("ami-0123456789abcdef0"),
    database: fc.constantFrom("none", "additive", "breaking"),
  },
  { requiredKeys: ["version", "artifact", "database"] },
) as fc.Arbitrary<ReleaseConfig>;
const files = fc.constantFrom(
  FILE,
  "config:\n  retrofit:live: { version: 1.0.0, artifact: app } # in one line\n  retrofit:size: small\n",
  FILE.replaceAll("\n", "\r\n"),
  ...["dev", "prod"].map((name) => readFileSync(join(__dirname, "..", `Pulumi.${name}.yaml`), "utf8")),
);
const releases = fc.record({ live: release, standby: fc.option(release, { nil: undefined }) });
const withDatabase = (found?: object) => found && { database: "none", ...found };

test("whatever the releases: they are read back, comments and other keys stay, twice is once", () => {
  fc.assert(
    fc.property(files, fc.array(releases, { minLength: 1, maxLength: 4 }), (file, changes) => {
      const comments = file.match(/#.*/g);
      let text = file;
      for (const change of changes) {
        text = setReleases(text, change);
        const { "retrofit:live": live, "retrofit:standby": standby, ...others } = parse(text).config;
        expect(withDatabase(live)).toEqual(change.live);
        expect(withDatabase(standby)).toEqual(change.standby);
        const { "retrofit:live": _l, "retrofit:standby": _s, ...before } = parse(file).config;
        expect(others).toEqual(before);
        expect(text.match(/(?<=^|\s)#.*/g)).toEqual(comments);
        expect(setReleases(text, change)).toBe(text);
      }
    }),
    { numRuns: 150 },
  );
});
