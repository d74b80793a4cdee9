import {
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { endToEnd, requestHeaders } from "./headers";
import type { Target } from "./target";

export interface Upstream {
  target: Target;
  tls: boolean;
  listener: { protocol: string; port: number };
  /** Without a byte for so long the request is given up. */
  idleMilliseconds: number;
}

export type Outcome =
  /** The target answered; seconds until its first byte. */
  | { by: "target"; status: number; seconds: number }
  /** The load balancer had to answer for it. */
  | { by: "load balancer"; status: 502 | 504; connected: boolean }
  /** The client left before there was an answer. */
  | { by: "client" };

/**
 * Passes one request to a target and its answer back, streaming both ways. A request is never sent twice: whether a
 * target that broke off had begun to work on it cannot be known.
 */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: Upstream,
  done: (outcome: Outcome) => void,
): void {
  const startedAt = process.hrtime.bigint();
  let decided = false;
  const decide = (outcome: Outcome) => {
    if (decided) return;
    decided = true;
    done(outcome);
  };

  const outgoing = open(request, upstream);
  const over = upstream.target.begin();
  let connected = false;
  outgoing.on("socket", (socket) => {
    if (!socket.connecting) connected = true;
    else
      socket.once("connect", () => {
        connected = true;
      });
  });

  const failed = (error: Error) => {
    if (response.headersSent) response.destroy();
    if (response.destroyed) return;
    const status = error instanceof IdleTimeout ? 504 : 502;
    decide({ by: "load balancer", status, connected });
    request.unpipe(outgoing);
    answerItself(response, status);
  };
  outgoing.on("timeout", () => outgoing.destroy(new IdleTimeout()));
  outgoing.on("error", failed);
  outgoing.on("response", (answer) => {
    const status = answer.statusCode ?? 502;
    response.sendDate = false;
    try {
      response.writeHead(status, answer.statusMessage, endToEnd(answer.rawHeaders));
    } catch (invalid) {
      // A status or header that no server may send.
      failed(invalid as Error);
      outgoing.destroy();
      return;
    }
    decide({ by: "target", status, seconds: Number(process.hrtime.bigint() - startedAt) / 1e9 });
    answer.pipe(response);
    // Broken off in the middle of its answer: the client must see that it is not whole.
    answer.on("error", () => response.destroy());
  });
  response.on("close", () => {
    if (!response.writableFinished) {
      decide({ by: "client" });
      outgoing.destroy();
    }
    over();
  });
  request.on("error", () => outgoing.destroy());
  if (hasBody(request)) request.pipe(outgoing);
  else outgoing.end();
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

class IdleTimeout extends Error {}

export function open(request: IncomingMessage, upstream: Upstream, extra: RequestOptions = {}) {
  return (upstream.tls ? httpsRequest : httpRequest)({
    agent: upstream.target.agent(upstream.tls),
    host: upstream.target.address,
    port: upstream.target.port,
    method: request.method,
    path: request.url,
    headers: requestHeaders(request, upstream.listener),
    setHost: false,
    timeout: upstream.idleMilliseconds,
    ...extra,
  });
}

/** The load balancer's own short answer for a failure. */
export function answerItself(response: ServerResponse, status: number): void {
  const reason = STATUS_CODES[status] ?? "";
  const title = `${status} ${reason}`.trim();
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  response.writeHead(status, reason, {
    Server: "awselb/2.0",
    "Content-Type": "text/html",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}
