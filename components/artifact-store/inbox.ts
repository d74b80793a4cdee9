import type { Bucket } from "@pulumi/aws/s3/bucket";
import { BucketNotification } from "@pulumi/aws/s3/bucketNotification";
import { Queue } from "@pulumi/aws/sqs/queue";
import { QueuePolicy } from "@pulumi/aws/sqs/queuePolicy";
import { RedrivePolicy } from "@pulumi/aws/sqs/redrivePolicy";
import * as pulumi from "@pulumi/pulumi";
import { makeAlarms } from "./alarms";
import type { CommonStoreArgs } from "./args";
import { INBOX_PREFIXES, inboxSettings } from "./inbox-prefixes";

/**
 * A way for files that arrive and are to be processed, each once. Files come under `incoming/`; S3 tells of a file when it
 * is complete, never of half of one. A worker (`workInbox`) claims it, processes it, and moves it to `archive/`.
 */
export interface InboxArgs {
  /** Seconds that a worker has for a file; then another may take it. 30–43200. @default 300 */
  readonly claimSeconds?: number;
  /** How often a file is tried before it goes to `rejected/` and the dead letters, 1–100. @default 5 */
  readonly attempts?: number;
  /** Days that processed files stay in `archive/`. Cost: their storage. @default 365 */
  readonly archiveDays?: number;
  /** Days that files which were given up stay in `rejected/`. @default 90 */
  readonly rejectedDays?: number;
}

export interface Inbox {
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

/**
 * Deliveries of a message beyond the tries of its file: one that comes while another has the file is none. The workers give a
 * file up; the queue does so only with a message that none of them ever deletes.
 */
const SPARE_DELIVERIES = 5;

/** Queue, dead letters and notification of a store's inbox. */
export function makeInbox(
  name: string,
  args: CommonStoreArgs & { readonly inbox: InboxArgs },
  bucket: Bucket,
  keyArn: pulumi.Output<string>,
  parent: pulumi.Resource,
): Inbox {
  const { claimSeconds, attempts } = inboxSettings(args.inbox);
  const common = { kmsMasterKeyId: keyArn, tags: { ...args.tags } };
  const fourteenDays = 14 * 24 * 3600;
  const deadLetters = new Queue(
    `${name}-dead-letters`,
    { ...common, messageRetentionSeconds: fourteenDays },
    { parent },
  );
  const queue = new Queue(
    `${name}-inbox`,
    {
      ...common,
      messageRetentionSeconds: fourteenDays,
      visibilityTimeoutSeconds: claimSeconds,
      receiveWaitTimeSeconds: 20,
    },
    { parent },
  );
  const redrivePolicy = deadLetters.arn.apply((deadLetterTargetArn) =>
    JSON.stringify({ deadLetterTargetArn, maxReceiveCount: attempts + SPARE_DELIVERIES }),
  );
  new RedrivePolicy(`${name}-inbox`, { queueUrl: queue.url, redrivePolicy }, { parent });
  const allowed = new QueuePolicy(
    `${name}-inbox`,
    {
      queueUrl: queue.url,
      policy: pulumi.all([queue.arn, bucket.arn]).apply(([to, from]) => queuePolicy(to, from)),
    },
    { parent },
  );
  new BucketNotification(
    name,
    {
      bucket: bucket.id,
      queues: [
        { queueArn: queue.arn, events: ["s3:ObjectCreated:*"], filterPrefix: INBOX_PREFIXES.incoming },
      ],
    },
    { parent, dependsOn: [allowed] },
  );
  // What takes its tries has not been forgotten.
  const waited = Math.max(3600, attempts * claimSeconds);
  const watched = { namespace: "AWS/SQS", statistic: "Maximum" } as const;
  makeAlarms(
    `${name}-inbox`,
    args,
    [
      {
        ...watched,
        suffix: "dead",
        metric: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: deadLetters.name },
        threshold: 0,
        points: 1,
        says: "a file could not be processed and is among the dead letters",
      },
      {
        ...watched,
        suffix: "waiting",
        metric: "ApproximateAgeOfOldestMessage",
        dimensions: { QueueName: queue.name },
        threshold: waited,
        says: `a file has waited for ${Math.round(waited / 60)} minutes`,
      },
    ],
    parent,
  );
  return { queue, deadLetters };
}

function queuePolicy(queueArn: string, bucketArn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "s3.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queueArn,
        Condition: { ArnEquals: { "aws:SourceArn": bucketArn } },
      },
      {
        Effect: "Deny",
        Principal: "*",
        Action: "sqs:*",
        Resource: queueArn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}
