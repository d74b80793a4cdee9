/** A bucket for the engine's state that asks an IAM document before it answers, as AWS would. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

interface Statement {
  Effect: "Allow" | "Deny";
  Action?: string | string[];
  Resource?: string | string[];
}

export class StateBucket {
  /** Of whoever asks; undefined: somebody who may do anything. */
  policy?: string;
  /** What was refused, `s3:GetObject key`. */
  readonly refused: string[] = [];
  readonly objects = new Map<string, Buffer>();

  private constructor(
    readonly name: string,
    private readonly server: Server,
  ) {}

  static async start(name: string): Promise<StateBucket> {
    const server = createServer();
    const bucket = new StateBucket(name, server);
    server.on("request", async (request, response) => {
      const failure = (error: Error) => ({ status: 400, body: errorOf(error.message) });
      const { status, body } = await bucket.answer(request).catch(failure);
      response.writeHead(status, { ETag: '"x"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT" });
      response.end(request.method === "HEAD" ? "" : body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return bucket;
  }

  get backend(): string {
    const { port } = this.server.address() as AddressInfo;
    return `s3://${this.name}?region=eu-central-1&endpoint=http://127.0.0.1:${port}&s3ForcePathStyle=true`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body?: Buffer | string }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? "", "http://bucket");
    const key = decodeURIComponent(pathname).slice(`/${this.name}/`.length);
    const action = key === "" ? "s3:ListBucket" : ACTIONS[request.method ?? ""]!;
    const from = source(request, this.name);
    if (!this.allows(action, key) || (from !== undefined && !this.allows("s3:GetObject", from))) {
      this.refused.push(`${action} ${key}`);
      return { status: 403, body: errorOf("AccessDenied") };
    }
    if (action === "s3:ListBucket") return { status: 200, body: this.list(searchParams) };
    if (action === "s3:DeleteObject") {
      this.objects.delete(key);
      return { status: 204 };
    }
    if (action === "s3:PutObject") {
      const body = from === undefined ? contentOf(request, Buffer.concat(chunks)) : this.objects.get(from);
      this.objects.set(key, body ?? Buffer.alloc(0));
      return {
        status: 200,
        body: from === undefined ? "" : "<CopyObjectResult><ETag>x</ETag></CopyObjectResult>",
      };
    }
    const body = this.objects.get(key);
    return body ? { status: 200, body } : { status: 404, body: errorOf("NoSuchKey") };
  }

  /** What is allowed but for some resources (`NotResource`) is allowed outside of this bucket. */
  private allows(action: string, key: string): boolean {
    if (this.policy === undefined) return true;
    const { Statement } = JSON.parse(this.policy) as { Statement: Statement[] };
    const arn = `arn:aws:s3:::${this.name}${key === "" ? "" : `/${key}`}`;
    return Statement.some(
      ({ Effect, Action = [], Resource = [] }) =>
        Effect === "Allow" &&
        [Action].flat().some((pattern) => matches(pattern, action)) &&
        [Resource].flat().some((pattern) => matches(pattern, arn)),
    );
  }

  private list(asked: URLSearchParams): string {
    const [prefix, delimiter] = [asked.get("prefix") ?? "", asked.get("delimiter")];
    const found = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    const end = (key: string) => (delimiter ? key.indexOf(delimiter, prefix.length) : -1);
    const folders = new Set(found.filter((key) => end(key) >= 0).map((key) => key.slice(0, end(key) + 1)));
    const keys = found.filter((key) => end(key) < 0);
    const contents = keys.map(
      (key) =>
        `<Contents><Key>${key}</Key><Size>${this.objects.get(key)!.length}</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>`,
    );
    const prefixes = [...folders].map(
      (folder) => `<CommonPrefixes><Prefix>${folder}</Prefix></CommonPrefixes>`,
    );
    return `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join("")}${prefixes.join("")}</ListBucketResult>`;
  }
}

const ACTIONS: Record<string, string> = {
  GET: "s3:GetObject",
  HEAD: "s3:GetObject",
  PUT: "s3:PutObject",
  DELETE: "s3:DeleteObject",
};

/** A copy names its source, and reads it. */
function source({ headers }: IncomingMessage, bucket: string): string | undefined {
  const named = headers["x-amz-copy-source"];
  return named === undefined
    ? undefined
    : decodeURIComponent(String(named)).replace(`${bucket}/`, "").replace(/^\//, "");
}

/** SDKs send a checksum after the content, in chunks of their own. */
function contentOf({ headers }: IncomingMessage, body: Buffer): Buffer {
  if (!String(headers["x-amz-content-sha256"]).startsWith("STREAMING")) return body;
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.subarray(at, line).toString(), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(text);

const errorOf = (code: string): string => `<Error><Code>${code}</Code><Message>${code}</Message></Error>`;
