import { bake } from "./bake";
import { type BakedImage, bakedImages, keepOnly } from "./images";

/** A client that answers each kind of command from a list, and notes what it was sent. */
function fake(answers: Record<string, unknown[]>) {
  const sent: { name: string; input: Record<string, unknown> }[] = [];
  const send = async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
    const { name } = command.constructor;
    sent.push({ name, input: command.input });
    const left = answers[name] ?? [];
    return left.length > 1 ? left.shift() : (left[0] ?? {});
  };
  return { send: send as never, sent };
}

const clock = () => {
  let now = 0;
  return {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds;
    },
  };
};
const status = (word: string, more: object = {}) => ({
  image: { state: { status: word, ...more }, ...more },
});
const started = { imageBuildVersionArn: "arn:image" };

describe("baking", () => {
  test("waits until the image is there and gives its id, with each step told once", async () => {
    const builder = fake({
      StartImagePipelineExecutionCommand: [started],
      GetImageCommand: [
        status("BUILDING"),
        status("BUILDING"),
        status("TESTING"),
        status("AVAILABLE", { outputResources: { amis: [{ image: "ami-9" }] } }),
      ],
    });
    const told: string[] = [];
    expect(await bake(builder, "arn:pipeline", clock(), (line) => told.push(line))).toBe("ami-9");
    expect(told).toEqual(["building", "testing", "available"]);
    expect(builder.sent[0]!.input.imagePipelineArn).toBe("arn:pipeline");
  });

  test("an image that fails its test is an error with the reason", async () => {
    const builder = fake({
      StartImagePipelineExecutionCommand: [started],
      GetImageCommand: [status("FAILED", { reason: "ComesUp failed" })],
    });
    await expect(bake(builder, "arn:pipeline", clock(), () => {})).rejects.toThrow(/failed\. ComesUp failed/);
  });

  test("one that never ends is given up after two hours", async () => {
    const builder = fake({
      StartImagePipelineExecutionCommand: [started],
      GetImageCommand: [status("BUILDING")],
    });
    await expect(bake(builder, "arn:pipeline", clock(), () => {})).rejects.toThrow(
      /still building after two hours/,
    );
  });
});

describe("images", () => {
  const image = (id: string, kept: boolean): BakedImage => ({
    id,
    kept,
    name: id,
    role: "web",
    configuration: "",
    created: "",
  });

  test("are listed newest first, with role and configuration", async () => {
    const tags = [
      { Key: "retrofit:image-role", Value: "web" },
      { Key: "retrofit:configuration", Value: "abc" },
    ];
    const ec2 = fake({
      DescribeImagesCommand: [
        {
          Images: [
            { ImageId: "ami-1", CreationDate: "2026-01-01", Tags: tags },
            {
              ImageId: "ami-2",
              CreationDate: "2026-02-01",
              Tags: [...tags, { Key: "retrofit:in-use", Value: "yes" }],
            },
          ],
        },
      ],
    });
    expect(await bakedImages(ec2)).toMatchObject([
      { id: "ami-2", role: "web", configuration: "abc", kept: true },
      { id: "ami-1", kept: false },
    ]);
  });

  test("those in use are marked before the mark of others is taken away", async () => {
    const ec2 = fake({});
    await keepOnly(
      ec2,
      [image("ami-1", true), image("ami-2", false), image("ami-3", true)],
      new Set(["ami-2", "ami-3"]),
    );
    expect(ec2.sent.map(({ name, input }) => [name, input.Resources])).toEqual([
      ["CreateTagsCommand", ["ami-2"]],
      ["DeleteTagsCommand", ["ami-1"]],
    ]);
  });
});
