import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { EmulatedLogStore } from "../emulated";
import type { Certificate } from "../load-balancer/certificate";
import { OpenSearchUsers } from "./opensearch-users";

/** What clients of an OpenSearch meet: it speaks TLS, asks for user and password, and hands on what the user may do. */
export class OpenSearchDoor {
  private server: Server | undefined;
  private readonly users: OpenSearchUsers;

  constructor(
    /** Where the door is, and the store's own user; without one nobody is asked. */
    private readonly owner: () => EmulatedLogStore,
    private readonly inner: { readonly host: string; readonly port: number },
    /** Where users are kept that the store's own has made. */
    usersFile: string,
  ) {
    this.users = new OpenSearchUsers(usersFile);
  }

  async open({ key, cert }: Certificate): Promise<void> {
    const { address, port } = this.owner();
    const server = createServer({ key, cert }, (asked, answer) => this.pass(asked, answer));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, address, resolve);
    });
    this.server = server;
  }

  close(): void {
    this.server?.close();
    this.server?.closeAllConnections();
    this.server = undefined;
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    const owner = this.owner();
    if (owner.user !== null && this.users.handle(owner, asked, answer)) return;
    const { authorization: _, host: __, ...headers } = asked.headers;
    const { method, url: path } = asked;
    const inner = request({ ...this.inner, method, path, headers });
    inner.on("response", (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    inner.on("error", () => {
      if (!answer.headersSent) answer.writeHead(502);
      answer.end();
    });
    asked.pipe(inner);
  }
}
