/**
 * Stands between the tools and the emulated AWS API, sees every call, and can stop the world at one of them: before it
 * is made, or after it was made and before the caller hears of it. That is where a process that dies leaves the most behind.
 */
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface ApiCall {
  /** `CreateLaunchTemplate`; empty for services that are called by path. */
  operation: string;
  parameters: URLSearchParams;
  /** Who calls: the gates use the JavaScript SDK, the provider does not. */
  byGates: boolean;
}

export interface Interception {
  /** Before the call reaches AWS, or after it was carried out but before its answer. */
  stage: "before" | "after";
  matches(call: ApiCall): boolean;
  /** Called once; the caller never gets an answer. */
  strike(): void;
}

export class ApiProxy {
  private interception: Interception | undefined;
  private downUntil = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(private readonly upstream: URL) {
    this.server = createServer((request, response) => void this.take(request, response));
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      if (this.isDown()) socket.destroy();
    });
  }

  static async start(endpoint: string): Promise<ApiProxy> {
    const proxy = new ApiProxy(new URL(endpoint));
    await new Promise<void>((resolve) => proxy.server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  intercept(interception: Interception | undefined): void {
    this.interception = interception;
  }

  /** Nothing gets through for a while, as when the line to AWS is lost. */
  goDown(seconds: number): void {
    this.downUntil = Date.now() + seconds * 1000;
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private isDown(): boolean {
    return Date.now() < this.downUntil;
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request).catch(() => undefined);
    if (body === undefined || this.isDown()) return void request.socket.destroy();
    const struck = this.interception?.matches(callOf(request, body)) ? this.interception : undefined;
    if (struck) this.interception = undefined;
    if (struck?.stage === "before") return struck.strike();
    this.pass(request, body, (answer) => {
      if (struck) {
        answer.resume();
        answer.on("end", () => struck.strike());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
      answer.on("error", () => response.destroy());
    }).on("error", () => request.socket.destroy());
  }

  private pass(request: IncomingMessage, body: Buffer, answered: (answer: IncomingMessage) => void) {
    const { hostname, port } = this.upstream;
    const { method, url: path, headers } = request;
    const outgoing = httpRequest({ hostname, port, method, path, headers, agent: false }, answered);
    outgoing.end(body);
    return outgoing;
  }
}

function callOf(request: IncomingMessage, body: Buffer): ApiCall {
  const form = String(request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  const parameters = new URLSearchParams(form ? body.toString("utf8") : "");
  const target =
    String(request.headers["x-amz-target"] ?? "")
      .split(".")
      .at(-1) ?? "";
  const byPath = /\/operation\/(\w+)$/.exec(request.url ?? "")?.[1] ?? "";
  return {
    operation: parameters.get("Action") ?? (target || byPath),
    parameters,
    byGates: String(request.headers["user-agent"] ?? "").includes("aws-sdk-js"),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
