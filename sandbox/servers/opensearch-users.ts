/**
 * Who may do what in a log store of the sandbox, whose OpenSearch has no security plugin: as much of that plugin's interface as
 * setup needs. The domain's own user may do everything; users that it makes may send lines. What is in these lines is not
 * looked at, nor the rights of a role: that the real plugin holds a role to its rights, `npm run test:logs:cluster` shows.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { EmulatedLogStore } from "../emulated";

const API = /^\/_plugins\/_security\/api\/(roles|rolesmapping|internalusers)\/([^/?]+)$/;
const WHO_AM_I = "/_plugins/_security/authinfo";
const LINES = /^\/_bulk(\?|$)/;

type Kind = "roles" | "rolesmapping" | "internalusers";
type Kept = Record<Kind, Record<string, Record<string, unknown>>>;

export class OpenSearchUsers {
  private readonly kept: Kept;

  /** What was made is kept in a file, as a store keeps it over a restart. */
  constructor(private readonly file: string) {
    this.kept = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as Kept)
      : { roles: {}, rolesmapping: {}, internalusers: {} };
  }

  /** Answers what is refused, and what is about users; says whether it did. */
  handle(owner: EmulatedLogStore, asked: IncomingMessage, answer: ServerResponse): boolean {
    const signedIn = this.signedIn(owner, asked.headers.authorization);
    if (signedIn === undefined) {
      answer.writeHead(401, { "WWW-Authenticate": "Basic" }).end("Unauthorized");
      return true;
    }
    const { method = "GET", url = "/" } = asked;
    if (url === WHO_AM_I) {
      reply(answer, 200, { user_name: signedIn });
      return true;
    }
    if (signedIn !== owner.user) {
      if (method === "POST" && LINES.test(url)) return false;
      const reason = `no permissions for [${method} ${url}] and User [name=${signedIn}]`;
      reply(answer, 403, { error: { type: "security_exception", reason }, status: 403 });
      return true;
    }
    const [, kind, name] = API.exec(url) ?? [];
    if (name === undefined) return false;
    this.change(kind as Kind, decodeURIComponent(name), method, asked, answer);
    return true;
  }

  private change(
    kind: Kind,
    name: string,
    method: string,
    asked: IncomingMessage,
    answer: ServerResponse,
  ): void {
    const there = this.kept[kind][name];
    if (method === "GET") {
      // A password never comes out again.
      if (there) reply(answer, 200, { [name]: { ...there, hash: undefined } });
      else reply(answer, 404, { status: "NOT_FOUND", message: `Resource '${name}' not found.` });
      return;
    }
    if (method !== "PUT") {
      reply(answer, 405, { status: "METHOD_NOT_ALLOWED", message: method });
      return;
    }
    let text = "";
    asked.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    asked.on("end", () => {
      const { password, ...rest } = JSON.parse(text) as Record<string, unknown>;
      this.kept[kind][name] = {
        ...rest,
        ...(password !== undefined && { hash: sumOf(`${name}:${password}`) }),
      };
      writeFileSync(this.file, JSON.stringify(this.kept), { mode: 0o600 });
      reply(answer, there ? 200 : 201, { status: there ? "OK" : "CREATED" });
    });
  }

  /** Name of the user, or nothing for somebody who is not known. */
  private signedIn({ user, password }: EmulatedLogStore, authorization = ""): string | undefined {
    const given = Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString();
    const name = given.split(":", 1)[0]!;
    if (name === user) return same(sumOf(given), sumOf(`${user}:${password ?? ""}`)) ? name : undefined;
    const { hash } = this.kept.internalusers[name] ?? {};
    return typeof hash === "string" && same(sumOf(given), hash) ? name : undefined;
  }
}

const sumOf = (text: string) => createHash("sha256").update(text).digest("hex");
const same = (one: string, other: string) => timingSafeEqual(Buffer.from(one), Buffer.from(other));

function reply(answer: ServerResponse, status: number, body: object): void {
  answer.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}
