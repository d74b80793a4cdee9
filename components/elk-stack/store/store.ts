/** The store's HTTP interface, as far as Retrofit needs it: OpenSearch, managed or one's own. */
import { type Answer, CONNECTION_MILLISECONDS, exchange, NoAnswer, type StoreConnection } from "./exchange";

export type { StoreConnection };

/** An answer that is no success. */
export class StoreError extends Error {
  constructor(
    readonly status: number,
    /** The store's own name for it, such as `resource_already_exists_exception`. */
    readonly type: string,
    message: string,
    /** What the store says, without what it was asked. */
    readonly reason = message,
  ) {
    super(message);
    this.name = "StoreError";
  }
}

/** What to do where there is no way to the store. */
export const STORE_WAY = "Reach it through the VPN, from a network of retrofit:logs.viewers.";

/** How long a store is waited for, in milliseconds. */
export interface StorePatience {
  /** Until there is a connection. Default 10,000. */
  readonly connection?: number;
  /** Until there is an answer: some of what a store is asked is work. Default 120,000. */
  readonly answer?: number;
}

const ANSWER_MILLISECONDS = 120_000;

export class LogStore {
  constructor(
    readonly connection: StoreConnection,
    private readonly patience: StorePatience = {},
  ) {}

  get endpoint(): string {
    return this.connection.endpoint;
  }

  /** A JSON body, or text as it is (lines of JSON). */
  async send<T = Record<string, unknown>>(method: string, path: string, body?: object | string): Promise<T> {
    const { status, text } = await this.exchange(method, path, body);
    const answer = parsed(text);
    if (status >= 200 && status < 300) return answer as T;
    const { type, reason } = explained((answer as { error?: Told } | undefined)?.error, text);
    const said = reason || type || "no reason given";
    throw new StoreError(
      status,
      type,
      `The log store answered ${status} to ${method} ${path}: ${said}`,
      said,
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

  private async exchange(method: string, path: string, body: object | string | undefined): Promise<Answer> {
    const lines = typeof body === "string";
    const content = body === undefined ? undefined : lines ? body : JSON.stringify(body);
    try {
      return await exchange(this.connection, {
        method,
        url: new URL(path, this.endpoint),
        ...(content !== undefined && {
          content,
          headers: { "Content-Type": lines ? "application/x-ndjson" : "application/json" },
        }),
        patienceMilliseconds: this.patience.answer ?? ANSWER_MILLISECONDS,
        connectionMilliseconds: this.patience.connection ?? CONNECTION_MILLISECONDS,
      });
    } catch (error) {
      throw new Error(unreachable(this.endpoint, error as NodeJS.ErrnoException));
    }
  }
}

/** Of a name that is not known, or an address that nothing leads to. */
const NO_WAY = /^(ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;

function unreachable(endpoint: string, error: NodeJS.ErrnoException): string {
  // Where all of a name's addresses fail, only the code says how.
  const reason = error.message || error.code || "no connection";
  const way = error instanceof NoAnswer || NO_WAY.test(error.code ?? "") ? ` ${STORE_WAY}` : "";
  return `The log store ${endpoint} cannot be reached: ${reason}.${way}`;
}

interface Cause {
  readonly type?: string;
  readonly reason?: string | null;
}
type Told = string | (Cause & { readonly root_cause?: readonly Cause[] });

/** A search that fails says outside that all shards failed, and only further in why they did. */
function explained(error: Told | undefined, text: string): { type: string; reason: string } {
  if (error === undefined) return { type: "", reason: text.slice(0, 300) };
  if (typeof error === "string") return { type: "", reason: error };
  const reasons = [error.reason, error.root_cause?.[0]?.reason].filter((reason) => !!reason);
  return { type: error.type ?? "", reason: [...new Set(reasons)].join(": ") };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
