import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import type { Action, ForwardAction } from "../emulated";
import { SandboxError } from "../errors";
import type { Certificate } from "./certificate";
import { answerItself, forward, type Outcome, type Upstream } from "./forward";
import { clientAddress } from "./headers";
import type { Meter } from "./meter";
import { chooseGroup, decide, type RoutedRequest, type Routes, redirectLocation } from "./routing";
import type { TargetGroup } from "./target-group";
import { forwardUpgrade, refuse } from "./upgrade";

export interface ListenerOptions {
  address: string;
  port: number;
  protocol: string;
  certificate?: Certificate;
  meter: Meter;
  /** The target group that an ARN stands for now. */
  group(arn: string): TargetGroup | undefined;
  idleMilliseconds: number;
}

/** A real server for one emulated listener. */
export class Listener {
  /** Replaced as a whole: a request sees the rules before a change or those after it, never a mixture. */
  routes: Routes = { rules: [], defaultActions: [] };
  private readonly server: Server;
  private sockets = 0;

  constructor(private readonly options: ListenerOptions) {
    const settings = { keepAliveTimeout: options.idleMilliseconds, requestTimeout: 0, noDelay: true };
    this.server =
      options.certificate === undefined
        ? createServer(settings)
        : createTlsServer({ ...settings, ...options.certificate });
    this.server.on("request", (request, response) => {
      try {
        this.serve(request, response);
      } catch {
        // The parser took it, but it cannot be passed on as it is.
        this.failed(response, 400);
      }
    });
    this.server.on("upgrade", (request, socket: Socket, head) => {
      socket.on("error", () => {});
      try {
        this.upgrade(request, socket, head);
      } catch {
        refuse(socket, 400);
      }
    });
    this.server.on(
      options.certificate === undefined ? "connection" : "secureConnection",
      (socket: Socket) => {
        this.sockets++;
        options.meter.connection();
        socket.once("close", () => this.sockets--);
      },
    );
  }

  get connections(): number {
    return this.sockets;
  }

  get url(): string {
    const { protocol, address, port } = this.options;
    const usual = protocol === "HTTPS" ? 443 : 80;
    return `${protocol.toLowerCase()}://${address}${port === usual ? "" : `:${port}`}`;
  }

  open(): Promise<void> {
    const { address, port } = this.options;
    return new Promise((resolve, reject) => {
      this.server.once("error", (error: NodeJS.ErrnoException) => reject(whyNotOpen(error, address, port)));
      this.server.listen({ host: address, port, backlog: 4096 }, resolve);
    });
  }

  /** Takes no new connections; requests under way are finished, or cut off after the grace time. */
  close(graceMilliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const sweep = setInterval(() => this.server.closeIdleConnections(), 200);
      const end = setTimeout(() => this.server.closeAllConnections(), graceMilliseconds);
      this.server.close(() => {
        clearInterval(sweep);
        clearTimeout(end);
        resolve();
      });
      this.server.closeIdleConnections();
    });
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const routed = routedRequest(request);
    const action = decide(this.routes, routed);
    if (action === undefined) this.failed(response, 503);
    else this.answer[action.type](action as never, routed, request, response);
  }

  private readonly answer: {
    [K in Action["type"]]: (
      action: Extract<Action, { type: K }>,
      routed: RoutedRequest,
      request: IncomingMessage,
      response: ServerResponse,
    ) => void;
  } = {
    forward: (action, _routed, request, response) => {
      const chosen = this.choose(action);
      if (chosen === undefined) this.failed(response, 503);
      else forward(request, response, chosen.upstream, (outcome) => this.record(chosen.group, outcome));
    },
    redirect: (action, routed, _request, response) => {
      const status = Number(String(action.statusCode).replace("HTTP_", ""));
      const location = redirectLocation(action, routed, this.options);
      response.writeHead(status, { Server: "awselb/2.0", Location: location, "Content-Length": 0 });
      response.end();
    },
    "fixed-response": (action, _routed, _request, response) => {
      const body = action.messageBody ?? "";
      response.writeHead(Number(action.statusCode), {
        Server: "awselb/2.0",
        "Content-Type": action.contentType || "text/plain",
        "Content-Length": Buffer.byteLength(body),
      });
      response.end(body);
    },
  };

  private upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const action = decide(this.routes, routedRequest(request));
    const chosen = action?.type === "forward" ? this.choose(action) : undefined;
    if (chosen === undefined) refuse(socket, 503);
    else
      forwardUpgrade(request, socket, head, chosen.upstream, (outcome) => this.record(chosen.group, outcome));
  }

  private choose(action: ForwardAction): { group: TargetGroup; upstream: Upstream } | undefined {
    const arn = chooseGroup(action);
    const group = arn === undefined ? undefined : this.options.group(arn);
    const target = group?.pick();
    if (group === undefined || target === undefined) return undefined;
    const { options } = this;
    return {
      group,
      upstream: { target, tls: group.tls, listener: options, idleMilliseconds: options.idleMilliseconds },
    };
  }

  private failed(response: ServerResponse, status: number): void {
    this.options.meter.refused(status);
    answerItself(response, status);
  }

  private record(group: TargetGroup, outcome: Outcome): void {
    this.options.meter.outcome(group, outcome);
  }
}

function routedRequest(request: IncomingMessage): RoutedRequest {
  const url = request.url ?? "/";
  const question = url.indexOf("?");
  return {
    method: request.method ?? "GET",
    path: question < 0 ? url : url.slice(0, question),
    query: question < 0 ? "" : url.slice(question + 1),
    host: request.headers.host ?? "",
    headers: request.headers,
    sourceAddress: clientAddress(request),
  };
}

export function whyNotOpen(error: NodeJS.ErrnoException, address: string, port: number): SandboxError {
  const what = `The load balancer cannot listen on ${address}:${port} (${error.code ?? error.message}).`;
  switch (error.code) {
    case "EACCES":
      return new SandboxError(
        what,
        "Ports below 1024 need a permission here. Allow them for everyone on this machine with " +
          "`sudo sysctl -w net.ipv4.ip_unprivileged_port_start=80`.",
        { cause: error },
      );
    case "EADDRINUSE":
      return new SandboxError(
        what,
        `Another process has the port on this address or on all addresses; find it with \`ss -ltnp 'sport = :${port}'\`.`,
        { cause: error },
      );
    default:
      return new SandboxError(what, "Check that 127.0.0.0/8 is on the loopback interface.", { cause: error });
  }
}
