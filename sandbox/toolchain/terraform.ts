/** Finds a Terraform AWS provider on the machine, by the layout that Terraform keeps providers in. */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { compareVersions, TERRAFORM_PROVIDER } from "./versions";

export interface TerraformProvider {
  path: string;
  version: string;
}

export interface Search {
  /** The newest that fits. */
  found?: TerraformProvider;
  /** Versions that do not fit, for the message. */
  others: string[];
  /** Folders that were looked into. */
  roots: string[];
}

const INSIDE = ["", "plugins", "providers", ".terraform/providers"];
const PROVIDER = "registry.terraform.io/hashicorp/aws";
const PLATFORM = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;

/** `<root>/registry.terraform.io/hashicorp/aws/<version>/<os>_<arch>/terraform-provider-aws…` */
export function findTerraformProvider(roots = terraformRoots()): Search {
  const all: TerraformProvider[] = [];
  for (const root of roots) {
    for (const inside of INSIDE) {
      const versions = join(root, inside, PROVIDER);
      for (const version of list(versions)) {
        const folder = join(versions, version, PLATFORM);
        const name = list(folder).find((file) => file.startsWith("terraform-provider-aws"));
        if (name && isExecutable(join(folder, name))) all.push({ path: join(folder, name), version });
      }
    }
  }
  const fitting = all.filter(({ version }) => TERRAFORM_PROVIDER.accepted.test(version));
  fitting.sort((a, b) => compareVersions(b.version, a.version));
  const others = all.filter((provider) => !fitting.includes(provider)).map(({ version }) => version);
  return { found: fitting[0], others: [...new Set(others)], roots };
}

/** Where providers may lie: what the user names, what Terraform's own configuration names, and the usual places. */
export function terraformRoots(env: NodeJS.ProcessEnv = process.env): string[] {
  const home = env.HOME || homedir();
  const named = [...(env.RETROFIT_TERRAFORM_PLUGINS ?? "").split(delimiter), env.TF_PLUGIN_CACHE_DIR ?? ""];
  const configs = [env.TF_CLI_CONFIG_FILE, join(home, ".terraformrc"), join(home, ".tofurc")];
  const configured = configs.flatMap((file) => (file ? rootsInConfig(readIfThere(file), home) : []));
  const data = [
    env.XDG_DATA_HOME || join(home, ".local/share"),
    ...(env.XDG_DATA_DIRS || "/usr/local/share:/usr/share").split(":"),
  ];
  const usual = [join(home, ".terraform.d"), ...data.map((folder) => join(folder, "terraform"))];
  const optional = list("/opt").map((name) => join("/opt", name));
  const roots = [...named, ...configured, ...usual, ...optional].filter((root) => root && existsSync(root));
  return [...new Set(roots)];
}

/** `plugin_cache_dir = "…"` and the `path = "…"` of each `filesystem_mirror` in a Terraform CLI configuration. */
export function rootsInConfig(config: string, home: string): string[] {
  const code = config.replace(/^\s*(#|\/\/).*$/gm, "");
  const cache = [...code.matchAll(/\bplugin_cache_dir\s*=\s*"([^"]+)"/g)];
  const mirrors = [...code.matchAll(/\bfilesystem_mirror\s*\{[^}]*?\bpath\s*=\s*"([^"]+)"/g)];
  return [...cache, ...mirrors].map((match) => match[1]!.replace(/^(~|\$HOME|\$\{HOME\})(?=\/|$)/, home));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
