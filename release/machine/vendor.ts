/** Fetches modules of the Puppet Forge into a configuration, each held to the sum that the Forge gives for it. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { extract } from "tar";
import { type ForgeModule, readVendored, VENDORED, type Vendored } from "../../components/machine";
import { failed } from "../errors";

interface Release {
  readonly file_uri: string;
  readonly file_sha256: string;
  readonly metadata?: { readonly dependencies?: readonly { readonly name: string }[] };
}

export interface VendoredModule {
  readonly module: string;
  readonly version: string;
  readonly fetched: boolean;
  /** Modules that it wants and that the Puppetfile does not name. */
  readonly missing: readonly string[];
}

/** Brings `modules/` to what the Puppetfile names. What is there in that version is left as it is; others are taken away. */
export async function vendor(
  folder: string,
  modules: readonly ForgeModule[],
  forge: string,
): Promise<VendoredModule[]> {
  const before = readVendored(folder);
  const after: Record<string, Vendored[string]> = {};
  const done: VendoredModule[] = [];
  mkdirSync(join(folder, "modules"), { recursive: true });
  const names = new Set(modules.map(({ owner, name }) => `${owner}-${name}`));
  for (const { owner, name, version } of modules) {
    const known = before[name];
    const fetched = known?.version !== version || !existsSync(join(folder, "modules", name));
    const release = fetched ? await fetchModule(folder, { owner, name, version }, forge) : undefined;
    after[name] = release ? { version, sha256: release.file_sha256 } : known!;
    const wanted = (release?.metadata?.dependencies ?? []).map((one) => one.name.replace("/", "-"));
    done.push({
      module: `${owner}/${name}`,
      version,
      fetched,
      missing: wanted.filter((one) => !names.has(one)),
    });
  }
  for (const name of Object.keys(before).filter((one) => !(one in after))) {
    rmSync(join(folder, "modules", name), { recursive: true, force: true });
  }
  writeFileSync(join(folder, VENDORED), `${JSON.stringify(after, null, 2)}\n`);
  return done;
}

async function fetchModule(
  folder: string,
  { owner, name, version }: ForgeModule,
  forge: string,
): Promise<Release> {
  const slug = `${owner}-${name}-${version}`;
  const release = JSON.parse(
    (await get(new URL(`/v3/releases/${slug}`, forge), slug)).toString("utf8"),
  ) as Release;
  const archive = await get(new URL(release.file_uri, forge), slug);
  const sum = createHash("sha256").update(archive).digest("hex");
  if (sum !== release.file_sha256) {
    throw failed(
      `${slug} has the SHA-256 ${sum}, but the Forge names ${release.file_sha256}. It was not kept.`,
    );
  }
  const target = join(folder, "modules", name);
  const part = `${target}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  writeFileSync(`${part}.tar.gz`, archive);
  // The archive holds one folder, which is named by version.
  await extract({ file: `${part}.tar.gz`, cwd: part, strip: 1, strict: true });
  rmSync(`${part}.tar.gz`);
  rmSync(target, { recursive: true, force: true });
  renameSync(part, target);
  return release;
}

async function get(url: URL, slug: string): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) }).catch((error: Error) => {
    throw failed(`${url.origin} cannot be reached for ${slug}: ${error.message}`);
  });
  if (answer.status === 404)
    throw failed(`The Forge has no ${slug}.`, "Correct name or version in the Puppetfile.");
  if (!answer.ok) throw failed(`${url.origin} answered ${answer.status} for ${slug}.`);
  return Buffer.from(await answer.arrayBuffer());
}
