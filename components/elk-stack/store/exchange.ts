/** One request over HTTP, signed in and checked as a store's connection says. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

export interface StoreConnection {
  /** `https://…`, without a path. */
  readonly endpoint: string;
  readonly user?: string;
  readonly password?: string;
  /** Certificates that the store's is checked with, in PEM. Default: those that Node knows. */
  readonly ca?: string;
}

export interface Question {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: string;
  /** How long nothing may be heard. */
  readonly patienceMilliseconds: number;
  /** How long the connection may take, TLS included: a network that drops packets says nothing. Default 10,000. */
  readonly connectionMilliseconds?: number;
}

export const CONNECTION_MILLISECONDS = 10_000;

/** Nobody said anything: as a rule there is no way from here to there. */
export class NoAnswer extends Error {}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** @throws Error that says why there is no answer. */
export function exchange(
  { user, password, ca }: Omit<StoreConnection, "endpoint">,
  { method, url, headers, content, patienceMilliseconds, connectionMilliseconds }: Question,
): Promise<Answer> {
  const secure = url.protocol === "https:";
  const request = secure ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method,
      headers: {
        ...headers,
        ...(content !== undefined && { "Content-Length": Buffer.byteLength(content) }),
        ...(user !== undefined && {
          Authorization: `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}`,
        }),
      },
      ...(ca === undefined ? {} : { ca }),
      timeout: patienceMilliseconds,
    });
    const limit = connectionMilliseconds ?? CONNECTION_MILLISECONDS;
    asked.on("timeout", () =>
      asked.destroy(new NoAnswer(`no answer within ${patienceMilliseconds / 1000} s`)),
    );
    asked.on("socket", (socket) => {
      // One that is kept from an earlier question is connected.
      if (!socket.connecting) return;
      const late = () => asked.destroy(new NoAnswer(`no connection within ${limit / 1000} s`));
      const timer = setTimeout(late, limit);
      for (const event of [secure ? "secureConnect" : "connect", "close"])
        socket.once(event, () => clearTimeout(timer));
    });
    asked.on("error", reject);
    asked.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    asked.end(content);
  });
}
