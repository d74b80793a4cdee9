/** The AWS provider: the official plugin, else the bridge over a Terraform provider found on the machine. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { SandboxError } from "../errors";
import { packageFolder } from "../folders";
import type { Progress } from "../progress";
import { download } from "./downloads";
import { findGo, GoBuildError, goBuild } from "./go";
import { pluginRelease, unpackRelease } from "./official";
import { findPython } from "./python";
import { run } from "./run";
import { step } from "./steps";
import { shortHash, stored } from "./store";
import { findTerraformProvider, type TerraformProvider } from "./terraform";
import { BRIDGE_VERSION, ENGINE_VERSIONS, TERRAFORM_PROVIDER } from "./versions";

export type AwsProvider =
  | { how: "official"; version: string; executable: string }
  | {
      how: "bridge";
      /** Version of `@pulumi/aws`, which the plugin has to have too. */
      version: string;
      bridge: string;
      /** A path that ends with `/terraform-provider-aws`, as the bridge wants it. */
      terraformProvider: string;
      terraformVersion: string;
    };

type Say = (detail: string) => void;
interface Way {
  say: Say;
  /** Why what was tried before did not do. */
  reasons: string[];
  engine: Promise<unknown>;
}

type Found = { provider: AwsProvider; detail: string };

/** The version of the installed `@pulumi/aws`: the engine asks for a plugin of exactly this version. */
export function sdkVersion(): string {
  const path = createRequire(join(packageFolder(), "package.json")).resolve("@pulumi/aws/package.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

/**
 * `engine` is waited for before a build: the two share much, which is compiled once when they do not build side by side.
 * What needs no build is found out at once, so that nobody waits for an engine that no provider can be had for.
 */
export async function ensureProvider(progress: Progress, engine: Promise<unknown>): Promise<AwsProvider> {
  const reasons: string[] = [];
  const found = await step(progress, "AWS provider", async (say): Promise<Found> => {
    for (const way of [fromOfficial, fromBridge]) {
      try {
        const { provider, detail } = await way({ say, reasons, engine });
        return { provider, detail: detail + (reasons.length > 0 ? ` (${reasons.join("; ")})` : "") };
      } catch (error) {
        reasons.push((error as Error).message);
      }
    }
    throw new SandboxError(
      `No AWS provider can be had: ${reasons.join("; ")}.`,
      "Allow downloads from get.pulumi.com; or give the bridge what it needs: Go with a module proxy within reach, and a " +
        `Terraform AWS provider ${TERRAFORM_PROVIDER.newest} (\`terraform providers mirror <folder>\` fetches it; name the folder ` +
        "in RETROFIT_TERRAFORM_PLUGINS).",
    );
  });
  return found.provider;
}

/** The bridge, whatever else could be had. */
export async function ensureBridge(progress: Progress): Promise<AwsProvider> {
  const way = { reasons: [], engine: Promise.resolve() };
  const found = await step(progress, "AWS provider bridge", (say) => fromBridge({ ...way, say }));
  return found.provider;
}

async function fromOfficial({ say }: Way): Promise<Found> {
  const version = sdkVersion();
  const folder = await stored(`pulumi-resource-aws-${version}-official`, (part) =>
    unpackRelease(pluginRelease(version), part, say),
  );
  const executable = join(folder, "pulumi-resource-aws");
  return {
    provider: { how: "official", version, executable },
    detail: `pulumi-resource-aws ${version}, official build`,
  };
}

async function fromBridge({ say, reasons, engine }: Way): Promise<Found> {
  // The search comes first: without a Terraform provider the long build would be for nothing.
  const terraform = await terraformProvider(say, reasons);
  const bridge = await builtBridge(say, engine);
  const folder = await stored(`terraform-aws-${shortHash(terraform.path)}`, async (part) => {
    symlinkSync(terraform.path, join(part, "terraform-provider-aws"));
  });
  return {
    provider: {
      how: "bridge",
      version: sdkVersion(),
      bridge,
      terraformProvider: join(folder, "terraform-provider-aws"),
      terraformVersion: terraform.version,
    },
    detail: `Terraform AWS provider ${terraform.version} behind Pulumi's bridge ${BRIDGE_VERSION}`,
  };
}

async function terraformProvider(say: Say, reasons: string[]): Promise<TerraformProvider> {
  const search = findTerraformProvider();
  if (search.found) return search.found;
  const others = search.others.length > 0 ? `, only ${search.others.join(", ")}` : "";
  const none = `there is no Terraform AWS provider ${TERRAFORM_PROVIDER.newest} on this machine${others}`;
  try {
    const downloaded = await downloadedTerraformProvider(say);
    reasons.push(none);
    return downloaded;
  } catch (error) {
    throw new Error(
      `${none} (looked into ${search.roots.join(", ") || "no folder"}), and ${(error as Error).message}`,
    );
  }
}

/** From Terraform's own releases, checked against their list of sums. */
async function downloadedTerraformProvider(say: Say): Promise<TerraformProvider> {
  const version = TERRAFORM_PROVIDER.newest;
  const base = `https://releases.hashicorp.com/terraform-provider-aws/${version}/terraform-provider-aws_${version}`;
  const platform = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
  const folder = await stored(`terraform-provider-aws-${version}`, async (part) => {
    const archive = join(part, "provider.zip");
    await download(`${base}_SHA256SUMS`, join(part, "sums"));
    await download(`${base}_${platform}.zip`, archive, say);
    const sum = await sha256(archive);
    if (!readFileSync(join(part, "sums"), "utf8").includes(`${sum}  `)) {
      throw new Error("the downloaded Terraform provider is not what its list of sums says");
    }
    const { command } = await findPython();
    const unpacked = await run(command, ["-m", "zipfile", "-e", archive, part]);
    if (unpacked.code !== 0) throw new Error(`the Terraform provider cannot be unpacked: ${unpacked.output}`);
    rmSync(archive);
  });
  const path = await executableIn(folder);
  return { path, version };
}

async function executableIn(folder: string): Promise<string> {
  const { chmodSync, readdirSync } = await import("node:fs");
  const name = readdirSync(folder).find((file) => file.startsWith("terraform-provider-aws"));
  if (!name) throw new Error(`${folder} holds no terraform-provider-aws`);
  chmodSync(join(folder, name), 0o755);
  return join(folder, name);
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function builtBridge(say: Say, engine: Promise<unknown>): Promise<string> {
  const about = `building the bridge ${BRIDGE_VERSION} from Go modules (2 to 5 min the first time)`;
  const go = await findGo();
  const folder = await stored(
    `bridge-${BRIDGE_VERSION}-go`,
    async (part) => {
      say("waiting for the engine's build");
      await engine;
      say(about);
      const build = (engineVersion: string) =>
        goBuild(go, {
          program: "bridge",
          output: join(part, "pulumi-terraform-bridge"),
          folder: part,
          engineVersion,
          say: (detail) => say(`${about}: ${detail}`),
        });
      await firstServed(ENGINE_VERSIONS, async (version) => {
        rmSync(join(part, "module"), { recursive: true, force: true });
        await build(version);
      });
    },
    () => say("another process is building it; waiting"),
  );
  return join(folder, "pulumi-terraform-bridge");
}

/** Engine and bridge share a module: when the engine's version is not served, the bridge builds with the next one too. */
async function firstServed(
  versions: readonly string[],
  build: (version: string) => Promise<void>,
): Promise<void> {
  for (const [i, version] of versions.entries()) {
    try {
      return await build(version);
    } catch (error) {
      if (!(error instanceof GoBuildError && error.notServed) || i === versions.length - 1) throw error;
    }
  }
}

/** Whether what was found before is still there. */
export function providerExists(provider: AwsProvider): boolean {
  if (provider.how === "official") return existsSync(provider.executable);
  return existsSync(provider.bridge) && existsSync(provider.terraformProvider);
}

export function pluginFolder(home: string, version: string): string {
  const folder = join(home, "plugins", `resource-aws-v${version}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}
