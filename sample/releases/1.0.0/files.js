// Files on their way: uploads of customers, the supplier's price list and batches made here, all through the inbox of a
// bucket, where each is processed once, by whichever machine is first. Without FILES_UPLOADS_BUCKET there is none.
const { FILES_UPLOADS_BUCKET: bucket, FILES_UPLOADS_KEY: keyArn, SUPPLIER_URL: supplier } = process.env;
const { FILES_UPLOADS_QUEUE: url, FILES_UPLOADS_DEAD_LETTERS: deadLetterUrl } = process.env;
const queue = url && deadLetterUrl ? { url, deadLetterUrl } : undefined;
const claimSeconds = Number(process.env.FILES_UPLOADS_CLAIM_SECONDS ?? 300);
const attempts = Number(process.env.FILES_UPLOADS_ATTEMPTS ?? 5);
const worker = process.env.MACHINE_ID ?? "local";
const mostBytes = 10 * 1024 ** 2;
const pauseMs = 1000;

/** A failure that is the client's, with what to answer. */
const refused = (status, message) => Object.assign(new Error(message), { status });

const inbox = bucket && open();

/** The only packages that the shop needs, and only here: `npm install @aws-sdk/client-s3 @retrofit/aws` beside it. */
function open() {
  try {
    const { S3Client } = require("@aws-sdk/client-s3");
    return { ...require("@retrofit/aws/inbox"), client: new S3Client({}) };
  } catch (error) {
    console.error(`uploads are off: ${error.message.split("\n")[0]}`);
  }
}

/** Puts a file into the inbox; whoever is first with a name has it. */
async function send(name, content) {
  if (!inbox) throw refused(503, "no store for files");
  if (!/^[\w-][\w.-]{0,99}$/.test(name)) throw refused(400, "a name of letters, digits, dots and hyphens");
  const first = await inbox.sendToInbox(inbox.client, { bucket, name, content, keyArn });
  if (!first) throw refused(409, `${name} is there already`);
  return { name };
}

async function upload(name, request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw refused(413, "10 MiB at most");
    chunks.push(chunk);
  }
  return send(name, Buffer.concat(chunks));
}

/** From the one place that it is told; never from an address that a visitor names. */
async function download(name) {
  if (!supplier) throw refused(503, "no supplier");
  const answer = await fetch(supplier);
  if (!answer.ok) throw refused(502, `the supplier answers ${answer.status}`);
  return send(name, Buffer.from(await answer.arrayBuffer()));
}

const batch = (name, rows) => send(name, Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join("")));

/** What the work is: here, to count lines. Its answer is kept beside the file in the archive. */
const countLines = async ({ content }) => String(Buffer.from(content).toString().split("\n").length - 1);

async function work() {
  try {
    await inbox.workInbox(inbox.client, {
      bucket,
      worker,
      keyArn,
      queue,
      claimSeconds,
      attempts,
      process: countLines,
    });
  } catch (error) {
    console.error(`the inbox: ${error.message}`);
  }
  setTimeout(work, pauseMs).unref();
}
if (inbox) work();

/** What was processed, by name: how many lines each file has. */
const processed = () => (inbox ? inbox.readReceipts(inbox.client, bucket) : {});

module.exports = { upload, download, batch, processed };
