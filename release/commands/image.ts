import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { EC2Client } from "@aws-sdk/client-ec2";
import type { EnvironmentConfig } from "../../stacks/config";
import type { Context } from "../context";
import { readOutputs, selectAws } from "../engine/engine";
import { setReleases } from "../environment-file";
import { failed, wrongUse } from "../errors";
import { type BakedImage, bakedImages, keepOnly } from "../image/images";
import { openProject, type Project } from "../project";
import { loadEnvironment } from "../settings";

/** Bakes the image of an environment's machines, and says what it is called. */
export async function imageBake(context: Context, environment: string): Promise<void> {
  const project = openProject(context.cwd, environment);
  const { region } = loadEnvironment(project, environment);
  await selectAws(context);
  const { imagePipelineArn } = (await readOutputs(project, environment)) ?? {};
  if (typeof imagePipelineArn !== "string") {
    throw failed(
      `${environment} has no pipeline for images.`,
      "Write bake: true in retrofit:machines, and bring it up: retrofit up.",
    );
  }
  const { output } = context;
  output.line(`Baking with ${imagePipelineArn}; this takes 15 to 40 minutes.`);
  const { ImagebuilderClient } = await import("@aws-sdk/client-imagebuilder");
  const { bake } = await import("../image/bake");
  const clock = {
    now: Date.now,
    sleep: (wait: number) => new Promise<void>((done) => setTimeout(done, wait)),
  };
  const image = await bake(new ImagebuilderClient({ region }), imagePipelineArn, clock, (status) =>
    output.line(`  ${status}`),
  );
  output.done(`${image}: take it with retrofit image use ${environment} ${image}`);
  output.result({ environment, image });
}

/** The images of an environment's region, newest first, with the environments that use them. */
export async function imageList(context: Context, environment: string): Promise<void> {
  const project = openProject(context.cwd, environment);
  const config = loadEnvironment(project, environment);
  await selectAws(context);
  const images = await bakedImages(new EC2Client({ region: config.region }));
  const users = imageUsers(project);
  const { output } = context;
  const listed = images.map((image) => ({ ...image, usedBy: users.get(image.id) ?? [] }));
  for (const image of listed) output.line(lineOf(image));
  if (listed.length === 0)
    output.line(`No image was baked in ${config.region}: retrofit image bake ${environment}`);
  output.result({ environment, region: config.region, images: listed });
}

function lineOf({ id, role, created, configuration, usedBy }: BakedImage & { usedBy: string[] }): string {
  const use = usedBy.length > 0 ? `used by ${usedBy.join(", ")}` : "not in use";
  return `${id}  ${role.padEnd(18)} ${created.slice(0, 16)}  ${configuration.slice(0, 12)}  ${use}`;
}

/** Writes an image into an environment's file as that of its live release, and marks what is in use. */
export async function imageUse(context: Context, environment: string, image: string): Promise<void> {
  const project = openProject(context.cwd, environment);
  const config = loadEnvironment(project, environment);
  const { live, standby, region } = config;
  if (live === undefined) {
    throw wrongUse(
      `${environment} has no live release.`,
      `Release one first: retrofit release ${environment} <version>`,
    );
  }
  await selectAws(context);
  const ec2 = new EC2Client({ region });
  const images = await bakedImages(ec2);
  if (!images.some(({ id }) => id === image)) {
    const known = images.map(({ id }) => id).join(", ") || "none";
    throw wrongUse(
      `${image} was not baked in ${region}; there is ${known}.`,
      `retrofit image list ${environment}`,
    );
  }
  const file = project.file(environment);
  // First the mark: from here on no rule removes it.
  await keepOnly(ec2, images, new Set([...imageUsers(project).keys(), image]));
  writeFileSync(file, setReleases(readFileSync(file, "utf8"), { live: { ...live, image }, standby }));
  const { output } = context;
  output.done(`${environment} uses ${image}${live.image ? ` in place of ${live.image}` : ""}.`);
  output.line(`  New machines beside those that serve: retrofit up ${environment}`);
  output.result({ environment, image, before: live.image ?? null });
}

/** Environments of the project by the image that their live or standby release names. */
function imageUsers(project: Project): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const name of environmentsOf(project)) {
    let config: EnvironmentConfig;
    try {
      config = loadEnvironment(project, name);
    } catch {
      // A file with mistakes is for its own commands to complain of.
      continue;
    }
    const images = [config.live?.image, config.standby?.image, config.docker?.image];
    for (const image of new Set(images)) {
      if (image !== undefined) users.set(image, [...(users.get(image) ?? []), name]);
    }
  }
  return users;
}

function environmentsOf({ folder }: Project): string[] {
  return readdirSync(folder).flatMap((file) => /^Pulumi\.([a-z][a-z0-9-]*)\.ya?ml$/.exec(file)?.[1] ?? []);
}
