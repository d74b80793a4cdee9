import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { type Outcome, open, type Upstream } from "./forward";
import { endToEnd, requestHeaders } from "./headers";

/** Passes an upgraded connection (WebSocket) through: after the target's 101 bytes go both ways until one side ends. */
export function forwardUpgrade(
  request: IncomingMessage,
  client: Socket,
  head: Buffer,
  upstream: Upstream,
  done: (outcome: Outcome) => void,
): void {
  const startedAt = Date.now();
  const headers = requestHeaders(request, upstream.listener);
  headers.push("Connection", "Upgrade", "Upgrade", request.headers.upgrade ?? "websocket");
  // A connection of its own: it can never go back to the pool.
  const outgoing = open(request, upstream, { headers, agent: false });
  const over = upstream.target.begin();
  client.on("error", () => outgoing.destroy());
  client.on("close", () => {
    outgoing.destroy();
    over();
  });

  outgoing.on("upgrade", (answer, socket: Socket, first: Buffer) => {
    done({ by: "target", status: 101, seconds: (Date.now() - startedAt) / 1000 });
    client.write(statusLine(101, answer.rawHeaders));
    if (first.length > 0) client.write(first);
    if (head.length > 0) socket.write(head);
    socket.setTimeout(0);
    socket.on("error", () => client.destroy());
    socket.on("close", () => client.destroy());
    client.on("close", () => socket.destroy());
    socket.pipe(client).pipe(socket);
  });
  outgoing.on("response", (answer) => {
    const status = answer.statusCode ?? 502;
    done({ by: "target", status, seconds: (Date.now() - startedAt) / 1000 });
    client.write(statusLine(status, [...endToEnd(answer.rawHeaders), "Connection", "close"]));
    answer.pipe(client);
  });
  outgoing.on("timeout", () => outgoing.destroy());
  outgoing.on("error", () => {
    if (client.destroyed) return;
    done({ by: "load balancer", status: 502, connected: false });
    refuse(client, 502);
  });
  outgoing.end();
}

/** Answers on a raw connection and closes it. */
export function refuse(client: Socket, status: number): void {
  client.end(statusLine(status, ["Content-Length", "0", "Connection", "close"]));
}

function statusLine(status: number, rawHeaders: string[]): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
