/** The official builds of Pulumi's engine and AWS plugin, for where there is internet. */
import { join } from "node:path";
import { x as extract } from "tar";
import { download } from "./downloads";

const RELEASES = "https://get.pulumi.com/releases";

const ARCHITECTURES: Record<string, { engine: string; plugin: string }> = {
  x64: { engine: "x64", plugin: "amd64" },
  arm64: { engine: "arm64", plugin: "arm64" },
};

export interface Release {
  url: string;
  /** Leading folders of the archive to leave out. */
  strip: number;
}

export function engineRelease(version: string, platform = process.platform, arch = process.arch): Release {
  const { engine } = architecture(arch);
  return { url: `${RELEASES}/sdk/pulumi-v${version}-${platform}-${engine}.tar.gz`, strip: 1 };
}

export function pluginRelease(version: string, platform = process.platform, arch = process.arch): Release {
  const { plugin } = architecture(arch);
  return {
    url: `${RELEASES}/plugins/pulumi-resource-aws-v${version}-${platform}-${plugin}.tar.gz`,
    strip: 0,
  };
}

function architecture(arch: string): { engine: string; plugin: string } {
  const known = ARCHITECTURES[arch];
  if (!known) throw new Error(`there is no official build for ${arch}`);
  return known;
}

/** Downloads and unpacks a release into a folder. */
export async function unpackRelease(
  release: Release,
  folder: string,
  say: (detail: string) => void,
): Promise<void> {
  const archive = join(folder, "download.tar.gz");
  await download(release.url, archive, say);
  await extract({ file: archive, cwd: folder, strip: release.strip });
  const { rmSync } = await import("node:fs");
  rmSync(archive);
}
