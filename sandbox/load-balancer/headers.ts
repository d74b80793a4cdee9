import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Headers that belong to one connection and are not passed on. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Written anew for the target; `Expect` has been answered by the load balancer already. */
const own = new Set([
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-amzn-trace-id",
  "expect",
]);

/** Raw headers (name, value, name, value …) without those of the connection. */
export function endToEnd(raw: string[], alsoWithout?: Set<string>): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    if (!hopByHop.has(name) && !alsoWithout?.has(name)) kept.push(raw[i]!, raw[i + 1]!);
  }
  return kept;
}

/** What the target gets: the client's headers and the load balancer's own. */
export function requestHeaders(
  request: IncomingMessage,
  listener: { protocol: string; port: number },
): string[] {
  const headers = endToEnd(request.rawHeaders, own);
  const client = clientAddress(request);
  const before = request.headers["x-forwarded-for"];
  headers.push("X-Forwarded-For", before === undefined ? client : `${[before].flat().join(", ")}, ${client}`);
  headers.push("X-Forwarded-Proto", listener.protocol.toLowerCase());
  headers.push("X-Forwarded-Port", String(listener.port));
  headers.push("X-Amzn-Trace-Id", traceId(request.headers["x-amzn-trace-id"]));
  if (request.headers["transfer-encoding"] !== undefined) headers.push("Transfer-Encoding", "chunked");
  return headers;
}

export function clientAddress(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
}

/** A new trace, or the given one with this hop in it. */
function traceId(given: string | string[] | undefined): string {
  const time = Math.floor(Date.now() / 1000).toString(16);
  const unique = randomUUID().replaceAll("-", "").slice(0, 24);
  const hop = `1-${time}-${unique}`;
  const trace = [given ?? []].flat()[0];
  return trace === undefined ? `Root=${hop}` : `Self=${hop};${trace}`;
}
