/** The store's HTTP interface, as far as Retrofit needs it: OpenSearch, managed or one's own. */
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

/** An answer that is no success. */
export class StoreError extends Error {
  constructor(
    readonly status: number,
    /** The store's own name for it, such as `resource_already_exists_exception`. */
    readonly type: string,
    message: string,
  ) {
    super(message);
    this.name = "StoreError";
  }
}

const ANSWER_MILLISECONDS = 120_000;

export class LogStore {
  constructor(private readonly connection: StoreConnection) {}

  get endpoint(): string {
    return this.connection.endpoint;
  }

  /** A JSON body, or text as it is (lines of JSON). */
  async send<T = Record<string, unknown>>(method: string, path: string, body?: object | string): Promise<T> {
    const { status, text } = await this.exchange(method, path, body);
    const answer = parsed(text);
    if (status >= 200 && status < 300) return answer as T;
    const error = (answer as { error?: { type?: string; reason?: string } | string } | undefined)?.error;
    const { type, reason } =
      typeof error === "object" ? error : { type: "", reason: error ?? text.slice(0, 300) };
    throw new StoreError(
      status,
      type ?? "",
      `The log store answered ${status} to ${method} ${path}: ${reason || type || "no reason given"}`,
    );
  }

  /** As `send`, but undefined where there is no such thing. */
  async find<T = Record<string, unknown>>(path: string): Promise<T | undefined> {
    try {
      return await this.send<T>("GET", path);
    } catch (error) {
      if (error instanceof StoreError && error.status === 404) return undefined;
      throw error;
    }
  }

  private exchange(
    method: string,
    path: string,
    body: object | string | undefined,
  ): Promise<{ status: number; text: string }> {
    const { endpoint, user, password, ca } = this.connection;
    const url = new URL(path, endpoint);
    const lines = typeof body === "string";
    const content = body === undefined ? undefined : lines ? body : JSON.stringify(body);
    const headers = {
      ...(content !== undefined && {
        "Content-Type": lines ? "application/x-ndjson" : "application/json",
        "Content-Length": Buffer.byteLength(content),
      }),
      ...(user !== undefined && {
        Authorization: `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}`,
      }),
    };
    const request = url.protocol === "https:" ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const asked = request(url, {
        method,
        headers,
        ...(ca === undefined ? {} : { ca }),
        timeout: ANSWER_MILLISECONDS,
      });
      asked.on("timeout", () => asked.destroy(new Error("no answer")));
      asked.on("error", (error) =>
        reject(new Error(`The log store ${endpoint} cannot be reached: ${error.message}`)),
      );
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
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
