import { resourceRule } from "../../rule";
import { isUnknown } from "../../values";
import { MACHINES } from "../shared/machines";

/** What somebody has looked up of an image: a resource has its id alone. */
interface Image {
  id: string;
  /** Account that owns it; none where the image does not exist any more. */
  owner?: string;
  /** Day on which it was made, as `2026-01-31`. */
  created?: string;
}

export const rule = resourceRule({
  name: "image-owner-and-age",
  title: "Machines start from images of owners that are trusted, and not from old ones.",
  severity: "medium",
  ids: ["Config.ec2-instance-launched-with-allowed-ami"],
  why: "A stranger's image runs a stranger's programs, and an old one has the holes that were mended since.",
  fix: "Build the release an image from a current one. Parameters: `owners` (account ids), `days` (oldest), `images` (id, owner, created), as somebody has looked them up; other images are not judged.",
  kinds: MACHINES,
  parameters: {
    owners: { type: "array", items: { type: "string" } },
    days: { type: "integer", minimum: 1 },
    today: { type: "string" },
    images: {
      type: "array",
      items: {
        type: "object",
        required: ["id"],
        properties: { id: { type: "string" }, owner: { type: "string" }, created: { type: "string" } },
      },
    },
  },
  check: ({ kind, props }, report, { settings }) => {
    const key = kind === "ec2/instance" ? "ami" : "imageId";
    if (isUnknown(props, key)) return;
    const images: Image[] = settings.images ?? [];
    const image = images.find(({ id }) => id === props[key]);
    if (!image) return;
    const { id, owner, created } = image;
    if (owner === undefined) return report(`${id} does not exist any more: no machine starts from it.`);
    const owners: string[] = settings.owners ?? [];
    if (owners.length > 0 && !owners.includes(owner))
      report(`${id} is owned by ${owner}, not by ${owners.join(", ")}.`);
    const age = created === undefined ? 0 : daysBetween(created, settings.today);
    if (settings.days !== undefined && age > settings.days)
      report(`${id} is ${age} days old; ${settings.days} are allowed.`);
  },
});

const daysBetween = (day: string, today: string | undefined): number =>
  Math.floor(((today ? Date.parse(today) : Date.now()) - Date.parse(day)) / 86_400_000);
