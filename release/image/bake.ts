import {
  GetImageCommand,
  type ImagebuilderClient,
  StartImagePipelineExecutionCommand,
} from "@aws-sdk/client-imagebuilder";
import { failed } from "../errors";

export interface BakeClock {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

const POLL_MILLISECONDS = 15_000;
const LONGEST_MILLISECONDS = 2 * 60 * 60_000;
const OVER = ["AVAILABLE", "FAILED", "CANCELLED", "DEPRECATED", "DELETED"];

/** Runs a pipeline to its end, and gives the id of the image that it made. */
export async function bake(
  builder: Pick<ImagebuilderClient, "send">,
  pipelineArn: string,
  clock: BakeClock,
  report: (status: string) => void,
): Promise<string> {
  const { imageBuildVersionArn } = await builder.send(
    new StartImagePipelineExecutionCommand({
      imagePipelineArn: pipelineArn,
      clientToken: crypto.randomUUID(),
    }),
  );
  const deadline = clock.now() + LONGEST_MILLISECONDS;
  let status = "";
  for (;;) {
    const { image } = await builder.send(
      new GetImageCommand({ imageBuildVersionArn: imageBuildVersionArn! }),
    );
    const now = image?.state?.status ?? "PENDING";
    if (now !== status) report(now.toLowerCase());
    status = now;
    if (status === "AVAILABLE") return image?.outputResources?.amis?.[0]?.image ?? "";
    if (OVER.includes(status)) {
      const reason = image?.state?.reason ?? "EC2 Image Builder does not say why";
      throw failed(
        `The image was not made: ${status.toLowerCase()}. ${reason}`,
        `Its log: ${imageBuildVersionArn}`,
      );
    }
    if (clock.now() > deadline)
      throw failed(`The image ${imageBuildVersionArn} is still ${status.toLowerCase()} after two hours.`);
    await clock.sleep(POLL_MILLISECONDS);
  }
}
