import type { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { bucketOf, listIn } from "./stacks";

/** Answers in two pages, as S3 does with long lists. */
function listing(pages: string[][]) {
  const asked: (string | undefined)[] = [];
  const send = async ({ input }: ListObjectsV2Command) => {
    asked.push(input.Prefix);
    const at = Number(input.ContinuationToken ?? 0);
    const next = at + 1 < pages.length ? String(at + 1) : undefined;
    return { Contents: pages[at]!.map((Key) => ({ Key })), NextContinuationToken: next };
  };
  return { asked, place: { bucket: "states", prefix: "", client: { send } as never } };
}

test("stacks are those that have a state, however many pages there are", async () => {
  const folder = ".pulumi/stacks/shop/";
  const { asked, place } = listing([
    [`${folder}dev.json`, `${folder}dev.json.bak`, `${folder}pr-1.json.gz`, `${folder}pr-1.pulumi-tags`],
    [`${folder}prod.json`, `${folder}prod.json.attrs`],
  ]);
  expect(await listIn(place, "shop")).toEqual(["dev", "pr-1", "prod"]);
  expect(asked).toEqual([folder, folder]);
});

test("a bucket is read as the engine reads it, and any other backend is left to the engine", () => {
  expect(bucketOf("s3://states/shop/?region=eu-central-1")).toMatchObject({
    bucket: "states",
    prefix: "shop/",
  });
  expect(bucketOf("s3://states")).toMatchObject({ bucket: "states", prefix: "" });
  for (const url of [undefined, "file:///states", "https://api.pulumi.com"])
    expect(bucketOf(url)).toBeUndefined();
});
