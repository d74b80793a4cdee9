import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findTerraformProvider, rootsInConfig, terraformRoots } from "./terraform";

const folder = mkdtempSync(join(tmpdir(), "retrofit-terraform-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const platform = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;

function provider(root: string, version: string, mode = 0o755): string {
  const place = join(folder, root, "registry.terraform.io/hashicorp/aws", version, platform);
  mkdirSync(place, { recursive: true });
  const path = join(place, `terraform-provider-aws_v${version}_x5`);
  writeFileSync(path, "", { mode });
  return path;
}

test("a provider is found by the mirror's layout, the newest that fits first", () => {
  provider("a", "5.100.0");
  const newest = provider("b/plugins", "5.100.2");
  const roots = [join(folder, "a"), join(folder, "b")];
  expect(findTerraformProvider(roots).found).toEqual({ path: newest, version: "5.100.2" });
});

test("versions that the tables were not made for are told, not taken", () => {
  provider("c", "6.1.0");
  provider("c", "5.31.0");
  const search = findTerraformProvider([join(folder, "c")]);
  expect(search.found).toBeUndefined();
  expect(search.others.sort()).toEqual(["5.31.0", "6.1.0"]);
});

test("a file that cannot be started is no provider", () => {
  provider("d", "5.100.0", 0o644);
  expect(findTerraformProvider([join(folder, "d")]).found).toBeUndefined();
});

test("Terraform's own configuration names folders; comments do not", () => {
  const config = `
# plugin_cache_dir = "/commented"
plugin_cache_dir = "$HOME/cache"
provider_installation {
  filesystem_mirror {
    path    = "/mirror"
    include = ["registry.terraform.io/*/*"]
  }
  direct { exclude = ["x"] }
}`;
  expect(rootsInConfig(config, "/home/me")).toEqual(["/home/me/cache", "/mirror"]);
});

test("what the user names comes first", () => {
  const named = join(folder, "a");
  const cached = join(folder, "b");
  const env = { HOME: folder, RETROFIT_TERRAFORM_PLUGINS: named, TF_PLUGIN_CACHE_DIR: cached };
  expect(terraformRoots(env).slice(0, 2)).toEqual([named, cached]);
});
