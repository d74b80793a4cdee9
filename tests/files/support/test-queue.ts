/** The queue of an inbox as `ArtifactStore` makes it, in an emulator, and how much is in it. */
import { PutBucketNotificationConfigurationCommand, type S3Client } from "@aws-sdk/client-s3";
import { INBOX_PREFIXES } from "../../../components/artifact-store/inbox-prefixes";
import { callQueue, type InboxQueue } from "../../../components/artifact-store/inbox-queue";

export class TestQueue implements InboxQueue {
  private constructor(
    private readonly s3: S3Client,
    readonly url: string,
    readonly deadLetterUrl: string,
  ) {}

  /** Made, and told of what arrives in the bucket. */
  static async of(s3: S3Client, endpoint: string, Bucket: string, attempts: number): Promise<TestQueue> {
    const make = async (QueueName: string, Attributes = {}) => {
      const { QueueUrl } = await callQueue<{ QueueUrl: string }>(s3, endpoint, {
        action: "CreateQueue",
        QueueName,
        Attributes,
      });
      return { url: QueueUrl, arn: (await attributes(s3, QueueUrl)).QueueArn! };
    };
    const dead = await make(`${Bucket}-dead-letters`);
    const redrive = { deadLetterTargetArn: dead.arn, maxReceiveCount: attempts };
    const inbox = await make(`${Bucket}-inbox`, { RedrivePolicy: JSON.stringify(redrive) });
    const Filter = { Key: { FilterRules: [{ Name: "prefix" as const, Value: INBOX_PREFIXES.incoming }] } };
    const told = { QueueArn: inbox.arn, Events: ["s3:ObjectCreated:*" as const], Filter };
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: { QueueConfigurations: [told] },
      }),
    );
    return new TestQueue(s3, inbox.url, dead.url);
  }

  /** Messages that wait or that somebody has, and dead letters. */
  async lengths(): Promise<[number, number]> {
    const [inbox, dead] = await Promise.all(
      [this.url, this.deadLetterUrl].map((url) => attributes(this.s3, url)),
    );
    const held = Number(inbox!.ApproximateNumberOfMessagesNotVisible);
    return [Number(inbox!.ApproximateNumberOfMessages) + held, Number(dead!.ApproximateNumberOfMessages)];
  }

  /** What the dead letters say; each can be asked for once. */
  async deadLetters(): Promise<unknown[]> {
    const { Messages = [] } = await callQueue<{ Messages?: { Body: string }[] }>(
      this.s3,
      this.deadLetterUrl,
      {
        action: "ReceiveMessage",
        MaxNumberOfMessages: 10,
      },
    );
    return Messages.map(({ Body }) => JSON.parse(Body));
  }
}

async function attributes(s3: S3Client, url: string): Promise<Record<string, string>> {
  const asked = { action: "GetQueueAttributes", AttributeNames: ["All"] };
  return (await callQueue<{ Attributes: Record<string, string> }>(s3, url, asked)).Attributes;
}
