/**
 * The queue of an inbox, for its workers: SQS by its JSON protocol, signed with the credentials of the S3 client, so that a
 * worker needs no package for it.
 */
import { createHash, createHmac } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import { INBOX_PREFIXES } from "./inbox-prefixes";

export interface InboxQueue {
  /** `FILES_<NAME>_QUEUE`. */
  readonly url: string;
  /** `FILES_<NAME>_DEAD_LETTERS`: where a file that is given up is told of. */
  readonly deadLetterUrl: string;
}

export interface InboxMessage {
  readonly receipt: string;
  /** Names below `incoming/` that it tells of; none in what S3 sends when it is told of the queue. */
  readonly names: readonly string[];
}

/** Credentials, region and nothing else are taken of it. */
export type QueueClient = Pick<S3Client, "config">;

/** The next message, which nobody else is given for so many seconds; undefined where none waits. */
export async function receiveMessage(
  client: QueueClient,
  { url }: InboxQueue,
  seconds: number,
): Promise<InboxMessage | undefined> {
  const { Messages: [message] = [] } = await callQueue<{
    Messages?: { Body: string; ReceiptHandle: string }[];
  }>(
    client,
    url,
    // A second makes SQS ask all of its servers: without one it may say that nothing waits where something does.
    { action: "ReceiveMessage", MaxNumberOfMessages: 1, WaitTimeSeconds: 1, VisibilityTimeout: seconds },
  );
  return message && { receipt: message.ReceiptHandle, names: namesIn(message.Body) };
}

export const deleteMessage = (client: QueueClient, { url }: InboxQueue, { receipt }: InboxMessage) =>
  callQueue(client, url, { action: "DeleteMessage", ReceiptHandle: receipt });

export const sendDeadLetter = (client: QueueClient, { deadLetterUrl }: InboxQueue, letter: object) =>
  callQueue(client, deadLetterUrl, { action: "SendMessage", MessageBody: JSON.stringify(letter) });

/** Names in a notification of S3, which writes them as in a form: a space is a plus. */
export function namesIn(body: string): string[] {
  try {
    const { Records = [] } = JSON.parse(body) as { Records?: { s3?: { object?: { key?: string } } }[] };
    return Records.map(({ s3 }) => decodeURIComponent((s3?.object?.key ?? "").replaceAll("+", " ")))
      .filter((key) => key.startsWith(INBOX_PREFIXES.incoming))
      .map((key) => key.slice(INBOX_PREFIXES.incoming.length));
  } catch {
    return [];
  }
}

const TRIES = 3;

/** One request of SQS, made again where SQS itself fails. */
export async function callQueue<T>(
  { config }: QueueClient,
  queueUrl: string,
  { action, ...rest }: { readonly action: string; readonly [property: string]: unknown },
): Promise<T> {
  const body = JSON.stringify({ QueueUrl: queueUrl, ...rest });
  const { AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL } = process.env;
  const endpoint = new URL("/", AWS_ENDPOINT_URL_SQS ?? AWS_ENDPOINT_URL ?? queueUrl);
  for (let attempt = 1; ; attempt++) {
    const { host, ...headers } = signedHeaders(
      { host: endpoint.host, target: `AmazonSQS.${action}`, body, region: await config.region() },
      await config.credentials(),
    );
    const answer = await fetch(endpoint, {
      method: "POST",
      headers,
      body,
      signal: AbortSignal.timeout(30_000),
    }).catch((error: Error) => error);
    if (answer instanceof Response && answer.ok) return (await answer.json().catch(() => ({}))) as T;
    if (attempt === TRIES || (answer instanceof Response && answer.status < 500)) {
      const why = answer instanceof Response ? `${answer.status} ${await answer.text()}` : answer.message;
      throw new Error(`${action} of ${queueUrl}: ${why}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt));
  }
}

export interface SignedRequest {
  readonly host: string;
  readonly target: string;
  readonly body: string;
  readonly region: string;
  readonly at?: Date;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The headers of a request, with AWS's signature version 4. */
export function signedHeaders(
  { host, target, body, region, at = new Date() }: SignedRequest,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
): Record<string, string> {
  const time = at.toISOString().replace(/[-:]|\.\d+/g, "");
  const day = time.slice(0, 8);
  const headers: Record<string, string> = {
    "content-type": "application/x-amz-json-1.0",
    host,
    "x-amz-date": time,
    ...(sessionToken && { "x-amz-security-token": sessionToken }),
    "x-amz-target": target,
  };
  const names = Object.keys(headers);
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const request = ["POST", "/", "", lines, names.join(";"), sha256(body)].join("\n");
  const scope = [day, region, "sqs", "aws4_request"];
  const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(request)].join("\n");
  const key = scope.reduce<string | Buffer>((made, part) => hmac(made, part), `AWS4${secretAccessKey}`);
  const credential = `Credential=${accessKeyId}/${scope.join("/")}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(";")}, Signature=${hmac(key, text).toString("hex")}`;
  return { ...headers, authorization };
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
