import { list } from "tar";

/** Why a file is not the archive of one image; the message goes on after the file's name. */
export class ImageArchiveError extends Error {}

/**
 * The id `sha256:…` of the image in what `docker save` wrote: the sum of its configuration, which names the sums of its
 * layers, so that the id stands for the content.
 *
 * @throws ImageArchiveError where it holds no image, or several.
 */
export function imageIdOf(file: string): string {
  let manifest: string | undefined;
  try {
    list({
      file,
      sync: true,
      filter: (path) => path === "manifest.json",
      onReadEntry: (entry) => {
        const chunks: Buffer[] = [];
        entry.on("data", (chunk: Buffer) => chunks.push(chunk));
        entry.on("end", () => {
          manifest = Buffer.concat(chunks).toString("utf8");
        });
      },
    });
  } catch (error) {
    throw new ImageArchiveError(`cannot be read: ${(error as Error).message}`);
  }
  if (manifest === undefined) throw new ImageArchiveError("has no manifest.json");
  const images = JSON.parse(manifest) as { Config: string }[];
  if (images.length !== 1) throw new ImageArchiveError(`holds ${images.length} images`);
  // `<sum>.json` in older archives, `blobs/sha256/<sum>` in newer ones.
  const sum = /([0-9a-f]{64})(\.json)?$/.exec(images[0]!.Config)?.[1];
  if (sum === undefined) throw new ImageArchiveError("names no configuration by its sum");
  return `sha256:${sum}`;
}
