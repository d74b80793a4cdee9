/** Which stacks a project has, whoever brought them up. */
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { type Project, projectFile, projectName } from "../project";
import { openWorkspace } from "./engine";

export async function listStacks(project: Project): Promise<string[]> {
  const place = bucketOf(process.env.PULUMI_BACKEND_URL ?? projectFile(project).backend?.url);
  const found = place && (await listIn(place, projectName(project)));
  // None: an older layout, which the engine knows.
  return found && found.length > 0 ? found : await listByEngine(project);
}

async function listByEngine(project: Project): Promise<string[]> {
  const workspace = await openWorkspace(project);
  return (await workspace.listStacks()).map(({ name }) => name.split("/").at(-1)!);
}

interface Place {
  bucket: string;
  prefix: string;
  client: Pick<S3Client, "send">;
}

/**
 * The engine's own list reads the state of every stack, which a CI's role of one environment may not: one that is denied would be
 * the end of the whole list. Their names are those of the objects, which it may see.
 */
export async function listIn({ bucket, prefix, client }: Place, project: string): Promise<string[]> {
  const folder = `${prefix}.pulumi/stacks/${project}/`;
  const names = new Set<string>();
  for (let token: string | undefined, more = true; more; more = token !== undefined) {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: folder, ContinuationToken: token }),
    );
    for (const { Key = "" } of page.Contents ?? []) {
      const name = /^([^/]+)\.json(\.gz)?$/.exec(Key.slice(folder.length))?.[1];
      if (name) names.add(name);
    }
    token = page.NextContinuationToken;
  }
  return [...names].sort();
}

/** `s3://states/shop?region=eu-central-1`, as the engine reads it; undefined for any other backend. */
export function bucketOf(url: string | undefined): Place | undefined {
  if (!url?.startsWith("s3://")) return undefined;
  const { hostname: bucket, pathname, searchParams } = new URL(url);
  const [region, endpoint] = [searchParams.get("region"), searchParams.get("endpoint")];
  const path = pathname.replace(/^\/+|\/+$/g, "");
  const client = new S3Client({
    followRegionRedirects: true,
    forcePathStyle: searchParams.get("s3ForcePathStyle") === "true",
    ...(region && { region }),
    ...(endpoint && { endpoint: endpoint.includes("://") ? endpoint : `https://${endpoint}` }),
  });
  return { bucket, prefix: path === "" ? "" : `${path}/`, client };
}
