import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { namesIn, signedHeaders } from "./inbox-queue";

/** What AWS's own library hashes with; here it is Node's. */
class Sha256 {
  private readonly hash;
  constructor(secret?: unknown) {
    this.hash = secret ? createHmac("sha256", secret as string) : createHash("sha256");
  }
  update(data: string | Uint8Array) {
    this.hash.update(data);
  }
  async digest() {
    return new Uint8Array(this.hash.digest());
  }
  reset() {}
}

test.each([
  ["a user", {}],
  ["a machine's role", { sessionToken: "token+/=" }],
])("requests of the queue are signed as AWS's own library signs them, for %s", async (_who, more) => {
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalr+EXAMPLE/KEY", ...more };
  const at = new Date("2026-11-23T09:30:15.123Z");
  const body = JSON.stringify({ QueueUrl: "https://sqs.eu-central-1.amazonaws.com/1/ä b" });
  const host = "sqs.eu-central-1.amazonaws.com";
  const target = "AmazonSQS.ReceiveMessage";
  const ours = signedHeaders({ host, target, body, region: "eu-central-1", at }, credentials);
  const theirs = new SignatureV4({
    credentials,
    region: "eu-central-1",
    service: "sqs",
    sha256: Sha256,
    applyChecksum: false,
  });
  const { headers } = await theirs.sign(
    {
      method: "POST",
      protocol: "https:",
      hostname: host,
      path: "/",
      headers: { host, "content-type": "application/x-amz-json-1.0", "x-amz-target": target },
      body,
    },
    { signingDate: at },
  );
  expect(ours).toEqual(headers);
});

describe("what a message tells of", () => {
  const notification = (...keys: string[]) =>
    JSON.stringify({ Records: keys.map((key) => ({ s3: { object: { key } } })) });

  test("names as S3 writes them", () => {
    expect(namesIn(notification("incoming/a+b%2Bc/%C3%A4.csv", "incoming/2.csv"))).toEqual([
      "a b+c/ä.csv",
      "2.csv",
    ]);
  });
  test.each([
    ["the event that S3 sends when it is told of the queue", JSON.stringify({ Event: "s3:TestEvent" })],
    ["files elsewhere", notification("archive/a.csv")],
    ["what is no notification", "hello"],
    ["a key that is no text", notification("incoming/%E0%A4%A")],
  ])("nothing in %s", (_what, body) => {
    expect(namesIn(body)).toEqual([]);
  });
});
