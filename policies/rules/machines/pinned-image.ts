import { resourceRule } from "../../rule";
import { given, isUnknown } from "../../values";
import { MACHINES } from "../shared/machines";

export const rule = resourceRule({
  name: "pinned-image",
  title: "Machines start from one known image.",
  severity: "medium",
  ids: ["Config.approved-amis-by-id"],
  why: "A name that is resolved at start gives the machines of one fleet different contents.",
  fix: "Give the image as ami-…, looked up by the program or built for the release; parameter `images` lists the allowed ones.",
  kinds: MACHINES,
  parameters: { images: { type: "array", items: { type: "string" } } },
  check: ({ kind, props }, report, { settings }) => {
    const key = kind === "ec2/instance" ? "ami" : "imageId";
    if (isUnknown(props, key) || !given(props, key)) return;
    const image = String(props[key]);
    const images: string[] = settings.images ?? [];
    if (!/^ami-[0-9a-f]+$/.test(image)) report(`The image is ${image}.`);
    else if (images.length > 0 && !images.includes(image))
      report(`${image} is not among the allowed images.`);
  },
});
