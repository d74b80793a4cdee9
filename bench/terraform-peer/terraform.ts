/** Runs the peer configuration with the provider that the sandbox uses, and nothing from a registry. */
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packArtifactSync } from "../../components/artifact-store/pack";
import { bootProgram } from "../../components/machine/boot-program";
import { ensureToolchain } from "../../sandbox/toolchain";
import { findTerraformProvider } from "../../sandbox/toolchain/terraform";
import { timed } from "../lib/measured-process";
import { FIRST_RELEASE, type Trial } from "../lib/trial";

const PLATFORM = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;

export class Terraform {
  private constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Copies the configuration into the trial's folder and initializes it there. */
  static async create(trial: Trial): Promise<Terraform> {
    const folder = join(trial.folder, "terraform-peer");
    mkdirSync(folder);
    for (const file of readdirSync(__dirname).filter((name) => name.endsWith(".tf"))) {
      cpSync(join(__dirname, file), join(folder, file));
    }
    writeFileSync(join(folder, "terraform.tfvars.json"), JSON.stringify(variables(trial)));
    const env = {
      ...trial.env,
      TF_CLI_CONFIG_FILE: await mirrorConfig(trial.folder),
      TF_IN_AUTOMATION: "true",
      CHECKPOINT_DISABLE: "1",
    };
    const terraform = new Terraform(folder, env);
    await terraform.run(["init", "-input=false", "-no-color"]);
    return terraform;
  }

  /** Seconds that a command took. */
  run(args: string[], onLine?: (line: string) => void, expected = [0]): Promise<number> {
    return timed({
      command: "terraform",
      args,
      cwd: this.folder,
      env: this.env,
      expected,
      ...(onLine ? { onLine } : {}),
    });
  }

  async output(args: string[]): Promise<string> {
    const lines: string[] = [];
    await this.run(args, (line) => lines.push(line));
    return lines.join("\n");
  }

  async url(): Promise<string> {
    return JSON.parse(await this.output(["output", "-json", "url"])) as string;
  }

  /** `aws_subnet.network["app-1"]` and so on, without data sources. */
  async resources(): Promise<string[]> {
    const lines = (await this.output(["state", "list"])).split("\n");
    return lines.filter((line) => /^aws_/.test(line));
  }

  async version(): Promise<string> {
    const text = await this.output(["version", "-json"]);
    return (JSON.parse(text) as { terraform_version: string }).terraform_version;
  }
}

/** What the configuration cannot make itself: the packed release, and the program of the machine's first boot. */
function variables({ project }: Trial): Record<string, unknown> {
  const artifact = packArtifactSync(join(project, "sample", "releases", FIRST_RELEASE));
  return { release: FIRST_RELEASE, artifact, boot_program: bootProgram };
}

/** A Terraform CLI configuration that knows one provider, the one of the sandbox's toolchain or one of its version. */
async function mirrorConfig(folder: string): Promise<string> {
  const { provider } = await ensureToolchain();
  const found =
    provider.how === "bridge"
      ? { path: provider.terraformProvider, version: provider.terraformVersion }
      : findTerraformProvider().found;
  if (!found) throw new Error("There is no Terraform AWS provider on this machine to compare with.");
  const mirror = join(folder, "terraform-mirror");
  const place = join(mirror, "registry.terraform.io/hashicorp/aws", found.version, PLATFORM);
  mkdirSync(place, { recursive: true });
  symlinkSync(found.path, join(place, `terraform-provider-aws_v${found.version}`));
  const file = join(folder, "terraform.rc");
  writeFileSync(file, `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`);
  return file;
}
