/** A small HTTP server that keeps what it was asked and answers as a test says. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface SmallServer {
  readonly url: string;
  readonly asked: Asked[];
  stop(): Promise<void>;
}

export async function startSmallServer(
  answer: (asked: Asked) => { status: number; body: unknown },
): Promise<SmallServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request;
      const now = { method, path, headers, body };
      asked.push(now);
      const { status, body: content } = answer(now);
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(content));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
