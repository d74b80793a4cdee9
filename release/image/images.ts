/** Machine images that were baked, and who uses them. */
import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeImagesCommand,
  type EC2Client,
} from "@aws-sdk/client-ec2";
import { CONFIGURATION_TAG, IN_USE_TAG, ROLE_TAG } from "../../components/machine";

export interface BakedImage {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  /** SHA-256 of the configuration that it was baked from. */
  readonly configuration: string;
  /** ISO 8601. */
  readonly created: string;
  /** The rule that removes old images leaves it alone. */
  readonly kept: boolean;
}

/** Newest first. */
export async function bakedImages(ec2: Pick<EC2Client, "send">): Promise<BakedImage[]> {
  const { Images = [] } = await ec2.send(
    new DescribeImagesCommand({ Owners: ["self"], Filters: [{ Name: "tag-key", Values: [ROLE_TAG] }] }),
  );
  return Images.map((image) => {
    const tags = Object.fromEntries((image.Tags ?? []).map(({ Key, Value }) => [Key!, Value ?? ""]));
    return {
      id: image.ImageId ?? "",
      name: image.Name ?? "",
      role: tags[ROLE_TAG] ?? "",
      configuration: tags[CONFIGURATION_TAG] ?? "",
      created: image.CreationDate ?? "",
      kept: tags[IN_USE_TAG.key] === IN_USE_TAG.value,
    };
  }).sort((a, b) => b.created.localeCompare(a.created));
}

/** Marks those in use, so that no rule removes them, and takes the mark from the others. */
export async function keepOnly(
  ec2: Pick<EC2Client, "send">,
  images: readonly BakedImage[],
  used: ReadonlySet<string>,
): Promise<void> {
  const { key, value } = IN_USE_TAG;
  const marked = images.filter(({ id, kept }) => used.has(id) && !kept).map(({ id }) => id);
  const freed = images.filter(({ id, kept }) => !used.has(id) && kept).map(({ id }) => id);
  // First those that are to stay: a kill in between leaves one too many, never one too few.
  if (marked.length > 0) {
    await ec2.send(new CreateTagsCommand({ Resources: marked, Tags: [{ Key: key, Value: value }] }));
  }
  if (freed.length > 0) {
    await ec2.send(new DeleteTagsCommand({ Resources: freed, Tags: [{ Key: key }] }));
  }
}
