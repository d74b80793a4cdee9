/**
 * A worker of an inbox in a process of its own, that can be killed: `<endpoint> <bucket> <name> <milliseconds for a file>
 * <queue> <dead letters>`. It says its name at each file it begins.
 */
import { S3Client } from "@aws-sdk/client-s3";
import { workInbox } from "../../../components/artifact-store/inbox-worker";

const [endpoint, bucket = "", worker = "", pace = "0", url = "", deadLetterUrl = ""] = process.argv.slice(2);
const credentials = { accessKeyId: "AKIASANDBOX000000000", secretAccessKey: "sandbox" };
const client = new S3Client({ endpoint, region: "eu-central-1", credentials, forcePathStyle: true });

async function main(): Promise<void> {
  for (;;) {
    await workInbox(client, {
      bucket,
      worker,
      queue: { url, deadLetterUrl },
      claimSeconds: 3,
      process: async ({ content }) => {
        process.stdout.write(`${worker}\n`);
        await new Promise((resolve) => setTimeout(resolve, Number(pace)));
        return `${worker} ${Buffer.from(content).toString()}`;
      },
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

void main();
