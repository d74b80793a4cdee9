/**
 * The worker's side of an inbox: takes files from `incoming/`, one worker for each file, and moves them to `archive/`. What
 * decides is in the bucket itself, by writes that only the first of two can make, so a worker that dies leaves nothing that
 * another cannot go on from.
 */
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import { INBOX_DEFAULTS, INBOX_PREFIXES } from "./inbox-prefixes";
import { deleteMessage, type InboxQueue, receiveMessage, sendDeadLetter } from "./inbox-queue";
import { encryptedWith, putFirst } from "./objects";

export interface InboxFile {
  /** Name below `incoming/`. */
  readonly name: string;
  readonly content: Uint8Array;
}

export interface InboxWorkerOptions {
  readonly bucket: string;
  readonly worker: string;
  /** What to do with a file. Its answer is kept beside the file in the archive; of two answers for a file the first counts. */
  readonly process: (file: InboxFile) => Promise<string>;
  /** Asked first, such as a virus scanner: what it answers "infected" goes to `rejected/` unread. */
  readonly scan?: (file: InboxFile) => Promise<"clean" | "infected">;
  /** Seconds that a worker has for a file; then its claim is over and another may take it. @default 300 */
  readonly claimSeconds?: number;
  /** Tries until a file goes to `rejected/`; one that a worker died in counts. @default 5 */
  readonly attempts?: number;
  /**
   * The inbox's queue: what it tells of is worked on first, its message goes when the file is done, and a file that is given
   * up becomes a dead letter. The alarms of the store watch both. Without it files are found by listing alone.
   */
  readonly queue?: InboxQueue;
  /** The store's key; required where unencrypted writes are refused. Default: the bucket's own. */
  readonly keyArn?: string;
  readonly now?: () => number;
}

type Client = Pick<S3Client, "send">;
type Worker = Pick<S3Client, "send" | "config">;

/** What became of a file: done, given up, not there any more, or still to be done by somebody. */
type End = "archive" | "rejected" | "gone" | "waits";

/** Of what was processed, beside the file in the archive. */
const RECEIPT = ".receipt";

/**
 * Puts a file into an inbox, whole. False where one of that name waits, or was processed and is still in the archive: a
 * name is processed once.
 */
export async function sendToInbox(
  client: Client,
  { bucket, keyArn, name, content }: Pick<InboxWorkerOptions, "bucket" | "keyArn"> & InboxFile,
): Promise<boolean> {
  if ((await read(client, bucket, receiptKey(name))) !== undefined) return false;
  const Key = `${INBOX_PREFIXES.incoming}${name}`;
  return !!(await putFirst(client, { Bucket: bucket, Key, Body: content, ...encryptedWith(keyArn) }));
}

/** What workers answered for the files that are in the archive, by name. */
export async function readReceipts(client: Client, bucket: string): Promise<Record<string, string>> {
  const keys = (await namesBelow(client, bucket, INBOX_PREFIXES.archive)).filter((key) =>
    key.endsWith(RECEIPT),
  );
  const answers = keys.map(async (key) => {
    const answer = (await read(client, bucket, `${INBOX_PREFIXES.archive}${key}`)) ?? "";
    return [key.slice(0, -RECEIPT.length), Buffer.from(answer).toString()] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

/** One round: every file that waits and that nobody has. Gives the names of those that this worker finished. */
export async function workInbox(client: Worker, options: InboxWorkerOptions): Promise<string[]> {
  const finished: string[] = [];
  const work = async (name: string) => {
    const end = await take(client, options, name);
    if (end === "archive") finished.push(name);
    return end;
  };
  const trouble = await workMessages(client, options, work).then(
    () => undefined,
    (error: Error) => error,
  );
  // Also those of which no message tells: it is late, or was lost, or somebody took it and died.
  for (const name of await namesBelow(client, options.bucket, INBOX_PREFIXES.incoming)) await work(name);
  if (trouble) throw trouble;
  return finished;
}

/** A file at a time, so that nobody holds the message of one that waits for another. */
async function workMessages(
  client: Worker,
  { queue, claimSeconds = INBOX_DEFAULTS.claimSeconds }: InboxWorkerOptions,
  work: (name: string) => Promise<End>,
): Promise<void> {
  // It comes back when the claim of whoever dies with it is surely over.
  const seconds = Math.min(claimSeconds + 1, 43_200);
  for (;;) {
    const message = queue && (await receiveMessage(client, queue, seconds));
    if (!message) return;
    const ends: End[] = [];
    for (const name of message.names) ends.push(await work(name));
    if (!ends.includes("waits")) await deleteMessage(client, queue, message);
  }
}

async function take(client: Worker, options: InboxWorkerOptions, name: string): Promise<End> {
  const { bucket: Bucket, attempts = INBOX_DEFAULTS.attempts } = options;
  const turn = await claim(client, options, name);
  if (turn === undefined) return "waits";
  const Key = `${INBOX_PREFIXES.incoming}${name}`;
  const content = await read(client, Bucket, Key);
  if (content === undefined) {
    // Another has finished it since it was told of.
    await dropClaims(client, Bucket, name, turn);
    return "gone";
  }
  const reject = (reason: string) => giveUp(client, options, name, turn, reason);
  const receipt = receiptKey(name);
  if ((await read(client, Bucket, receipt)) !== undefined) {
    // Processed before: by one that died on the way to the archive, or another file had the name. That one may not be
    // lost unseen in the archive.
    const archived = await read(client, Bucket, `${INBOX_PREFIXES.archive}${name}`);
    const another = archived !== undefined && !Buffer.from(archived).equals(content);
    if (another) return reject("another file of this name was processed");
    return move(client, options, name, "archive", turn);
  }
  // The workers died in it, each time.
  if (turn > attempts) return reject(`not finished in ${attempts} tries`);
  const file = { name, content };
  try {
    if ((await options.scan?.(file)) === "infected") return await reject("infected");
    const answer = await options.process(file);
    await putFirst(client, { Bucket, Key: receipt, Body: answer, ...encryptedWith(options.keyArn) });
  } catch (error) {
    if (turn < attempts) return "waits";
    return reject(error instanceof Error ? error.message : String(error));
  }
  return move(client, options, name, "archive", turn);
}

/** Told before it is moved: who dies in between has it told twice, and never not at all. */
async function giveUp(
  client: Worker,
  options: InboxWorkerOptions,
  name: string,
  turn: number,
  reason: string,
): Promise<End> {
  const { bucket, worker, queue } = options;
  if (queue) {
    const key = `${INBOX_PREFIXES.rejected}${name}`;
    await sendDeadLetter(client, queue, { bucket, key, worker, reason: reason.slice(0, 1000) });
  }
  return move(client, options, name, "rejected", turn);
}

/** The number of this worker's turn at a file, or undefined where another has it. */
async function claim(
  client: Client,
  { bucket, worker, keyArn, claimSeconds = INBOX_DEFAULTS.claimSeconds, now = Date.now }: InboxWorkerOptions,
  name: string,
): Promise<number | undefined> {
  for (let turn = 1; ; turn++) {
    const key = claimKey(name, turn);
    const until = now() + claimSeconds * 1000;
    const Body = JSON.stringify({ worker, until });
    if (await putFirst(client, { Bucket: bucket, Key: key, Body, ...encryptedWith(keyArn) })) return turn;
    const held = await read(client, bucket, key);
    // Given back or finished by its worker while this one asked.
    if (held === undefined) return undefined;
    const { until: theirs } = JSON.parse(Buffer.from(held).toString()) as { until: number };
    if (theirs > now()) return undefined;
  }
}

async function move(
  client: Client,
  { bucket: Bucket, keyArn }: InboxWorkerOptions,
  name: string,
  to: "archive" | "rejected",
  turn: number,
): Promise<End> {
  const Key = `${INBOX_PREFIXES.incoming}${name}`;
  const CopySource = `${Bucket}/${encodeURIComponent(Key).replaceAll("%2F", "/")}`;
  try {
    const copy = { Bucket, Key: `${INBOX_PREFIXES[to]}${name}`, CopySource, ...encryptedWith(keyArn) };
    await client.send(new CopyObjectCommand(copy));
  } catch (error) {
    // This worker took longer than its claim lasts, and another has moved it.
    if ((error as Error).name !== "NoSuchKey") throw error;
    return "gone";
  }
  await client.send(new DeleteObjectCommand({ Bucket, Key }));
  await dropClaims(client, Bucket, name, turn);
  return to;
}

async function dropClaims(client: Client, Bucket: string, name: string, turn: number): Promise<void> {
  for (let each = turn; each > 0; each--) {
    await client.send(new DeleteObjectCommand({ Bucket, Key: claimKey(name, each) }));
  }
}

const claimKey = (name: string, turn: number) => `${INBOX_PREFIXES.claims}${name}.${turn}`;

const receiptKey = (name: string) => `${INBOX_PREFIXES.archive}${name}${RECEIPT}`;

/** Names below a prefix. */
async function namesBelow(client: Client, bucket: string, prefix: string): Promise<string[]> {
  const names: string[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
    );
    names.push(...(page.Contents ?? []).map(({ Key = "" }) => Key.slice(prefix.length)));
    token = page.NextContinuationToken;
  } while (token);
  return names;
}

async function read(client: Client, Bucket: string, Key: string): Promise<Uint8Array | undefined> {
  try {
    return await (await client.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToByteArray();
  } catch (error) {
    if ((error as Error).name === "NoSuchKey") return undefined;
    throw error;
  }
}
