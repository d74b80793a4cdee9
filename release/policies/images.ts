/** Who owns the images that an environment's machines start from, and how old they are. */
import { kindOf } from "../../policies/catalogue";
import type { EnvironmentConfig } from "../../stacks/config/types";
import type { StateResource } from "../recovery/state";

export interface KnownImage {
  id: string;
  /** None where the image does not exist any more. */
  owner?: string;
  created?: string;
}

/**
 * Images that the file names, and those that are kept from an earlier update, which are the ones that grow old. What an update
 * would look up is the newest of its distribution's own account.
 */
export function imagesOf(
  { live, standby, docker }: EnvironmentConfig,
  state: readonly StateResource[],
): string[] {
  const kept = state
    .filter(({ type }) => ["ec2/launchTemplate", "ec2/instance"].includes(kindOf(type)))
    .map(({ outputs = {} }) => outputs.imageId ?? outputs.ami);
  const all = [live?.image, standby?.image, docker?.image, ...kept];
  return [...new Set(all)].filter((id): id is string => typeof id === "string" && id.startsWith("ami-"));
}

/** Asks AWS. By name of a filter: an id that is gone is then missing in the answer, and no error. */
export async function lookUpImages(region: string, ids: readonly string[]): Promise<KnownImage[]> {
  if (ids.length === 0) return [];
  const { DescribeImagesCommand, EC2Client } = await import("@aws-sdk/client-ec2");
  const client = new EC2Client({ region });
  try {
    const { Images = [] } = await client.send(
      new DescribeImagesCommand({ Filters: [{ Name: "image-id", Values: [...ids] }] }),
    );
    return ids.map((id) => {
      const found = Images.find(({ ImageId }) => ImageId === id);
      const created = found?.CreationDate?.slice(0, "2026-01-31".length);
      return { id, ...(found?.OwnerId && { owner: found.OwnerId }), ...(created && { created }) };
    });
  } finally {
    client.destroy();
  }
}
