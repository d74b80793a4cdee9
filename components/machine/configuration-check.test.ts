import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConfigurationToCheck, configurationProblems, rolesOf } from "./configuration-check";
import { includedClasses, parameters } from "./puppet-source";

const machines = join(__dirname, "..", "..", "machines");
let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "retrofit-configuration-"));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const check = (more: Partial<ConfigurationToCheck> = {}) =>
  configurationProblems({ folder: machines, tool: "puppet", roles: ["web"], environment: "dev", ...more });

/** A copy of the configuration with one file changed. */
function changed(file: string, change: (text: string) => string): string {
  const folder = mkdtempSync(join(scratch, "changed-"));
  cpSync(machines, folder, { recursive: true });
  writeFileSync(join(folder, file), change(readFileSync(join(folder, file), "utf8")));
  return folder;
}

test("the configuration that comes with Retrofit has every role's data in every environment", () => {
  for (const environment of ["dev", "test", "integration", "uat", "perf", "preprod", "prod", "another"]) {
    expect(check({ environment, roles: rolesOf(machines, "puppet") })).toEqual([]);
  }
});

test("an unknown role is told with the roles there are", () => {
  expect(check({ roles: ["webb"] })).toEqual([
    {
      property: "role",
      got: "webb",
      allowed: "content_repository, docker_host, log_store, migration, web",
      fix: "Write site-modules/role/manifests/webb.pp, or correct the role.",
    },
  ]);
});

test("a value that no level of the data has is told with the places where it may be written", () => {
  const folder = changed("data/common.yaml", (text) => text.replace(/^profile::time::server:.*\n/m, ""));
  expect(check({ folder })).toEqual([
    {
      property: "profile::time::server",
      allowed: "String[1]",
      fix: "Write it into data/role/web.yaml (role web), data/environment/dev.yaml or data/common.yaml.",
    },
  ]);
  expect(check({ folder, settings: { "profile::time::server": "192.0.2.1" } })).toEqual([]);
});

test("broken YAML is told with its line", () => {
  const folder = changed("data/environment/dev.yaml", (text) => `${text}a: [1, 2\nb: 3\n`);
  const [problem] = check({ folder });
  expect(problem).toMatchObject({
    property: expect.stringMatching(/^data\/environment\/dev\.yaml:\d+:\d+$/),
    allowed: "YAML",
  });
});

test("a folder that is not there is told as it was written", () => {
  expect(check({ folder: "/nowhere/machines" })).toMatchObject([
    { property: "folder", got: "/nowhere/machines" },
  ]);
});

test.each(["ansible", "chef"] as const)("the example for %s has the role web", (tool) => {
  const folder = join(machines, "..", "examples", `machines-${tool}`);
  expect(rolesOf(folder, tool)).toEqual(["web"]);
  expect(check({ folder, tool })).toEqual([]);
});

test("another tool's role is a file of its own", () => {
  expect(check({ tool: "chef", roles: ["nothing"] })).toMatchObject([
    { property: "role", fix: expect.stringContaining("roles/nothing.json") },
  ]);
});

describe("parameters of a class", () => {
  test("types with commas, patterns and nested brackets are one parameter each, defaults are seen", () => {
    const source = `# class not::this ($a) {}
class profile::x (
  Hash[Pattern[/\\A[a-z,()]+\\z/], Struct[{ keys => Array[String[1]], Optional[sudo] => Boolean }]] $accounts,
  Optional[String] $endpoint = undef,
  Enum['a,b', "c)"] $kind,
  $bare
) { }`;
    expect(parameters(source)).toEqual([
      {
        name: "accounts",
        type: "Hash[Pattern[/\\A[a-z,()]+\\z/], Struct[{ keys => Array[String[1]], Optional[sudo] => Boolean }]]",
        hasDefault: false,
      },
      { name: "endpoint", type: "Optional[String]", hasDefault: true },
      { name: "kind", type: "Enum['a,b', \"c)\"]", hasDefault: false },
      { name: "bare", type: "", hasDefault: false },
    ]);
    expect(parameters("class profile::none { }")).toEqual([]);
  });

  test("classes are found however they are brought in, but not in comments", () => {
    const source =
      "include profile::a\n# include profile::no\n  class { 'profile::b': stage => 'x' }\n  contain profile::c\n";
    expect(includedClasses(source)).toEqual(["profile::a", "profile::b", "profile::c"]);
  });
});
