/**
 * The function that CloudWatch hands its lines to, and that hands them on to the store. Lines have ids that CloudWatch gave
 * them, so a batch that is sent again is taken once. It brings nothing along but itself: the SDK is part of the runtime.
 */
export const carryInProgram = `"use strict";
const { gunzipSync } = require("node:zlib");
const { SecretsManagerClient, GetSecretValueCommand } = require("@aws-sdk/client-secrets-manager");

const { STORE_ENDPOINT, STORE_SECRET, STORE_CERTIFICATE, STREAM, PIPELINE, ENVIRONMENT } = process.env;
const { request } = require(STORE_ENDPOINT.startsWith("https:") ? "node:https" : "node:http");
const ANSWER_MILLISECONDS = 20000;
const secrets = new SecretsManagerClient({});
let signIn;

exports.handler = async ({ awslogs }) => {
  const batch = JSON.parse(gunzipSync(Buffer.from(awslogs.data, "base64")));
  // CloudWatch also asks now and then whether anybody is there.
  if (batch.messageType !== "DATA_MESSAGE") return { lines: 0 };
  const body = batch.logEvents.map((event) => linesOf(batch, event)).join("");
  const { items } = await send(body);
  const refused = items.map(({ create }) => create).filter(({ status }) => status !== 201 && status !== 409);
  if (refused.length > 0) {
    const [{ status, error }] = refused;
    throw new Error(refused.length + " of " + items.length + " lines were not taken, the first with " + status + ": " + (error && error.reason));
  }
  return { lines: items.length };
};

function linesOf({ logGroup, logStream }, { id, timestamp, message }) {
  const line = {
    "@timestamp": new Date(timestamp).toISOString(),
    message: message.replace(/\\n$/, ""),
    event: { dataset: "cloudwatch" },
    log: { logger: logGroup, file: { path: logStream } },
    service: { name: "aws", environment: ENVIRONMENT },
    retrofit: { format: "plain" },
  };
  return JSON.stringify({ create: { _index: STREAM, _id: "cloudwatch-" + id } }) + "\\n" + JSON.stringify(line) + "\\n";
}

async function send(body) {
  const first = await post(body, await authorization());
  // The password may have been changed since it was read.
  if (first.status === 401) signIn = undefined;
  const { status, text } = first.status === 401 ? await post(body, await authorization()) : first;
  if (status !== 200) throw new Error("The log store answered " + status + ": " + text.slice(0, 300));
  return JSON.parse(text);
}

async function authorization() {
  if (signIn === undefined) {
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: STORE_SECRET }));
    const { username, password } = JSON.parse(SecretString);
    signIn = "Basic " + Buffer.from(username + ":" + password).toString("base64");
  }
  return signIn;
}

function post(body, Authorization) {
  const url = new URL("/_bulk?pipeline=" + PIPELINE, STORE_ENDPOINT);
  const headers = { Authorization, "Content-Type": "application/x-ndjson", "Content-Length": Buffer.byteLength(body) };
  const ca = STORE_CERTIFICATE ? { ca: STORE_CERTIFICATE } : {};
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: "POST", headers, timeout: ANSWER_MILLISECONDS, ...ca });
    asked.on("timeout", () => asked.destroy(new Error("the log store does not answer")));
    asked.on("error", reject);
    asked.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => { text += chunk; });
      response.on("end", () => resolve({ status: response.statusCode, text }));
      response.on("error", reject);
    });
    asked.end(body);
  });
}
`;
