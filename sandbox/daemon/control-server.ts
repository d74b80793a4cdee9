import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { SandboxError } from "../errors";
import type { EventLog } from "./events";
import type { Leases } from "./leases";
import type { Commands } from "./protocol";

/** The commands that are answered without regard to the connection they come on. */
export type Handlers = {
  [K in Exclude<keyof Commands, "lease" | "watch">]: (
    input: Commands[K]["input"],
  ) => Promise<Commands[K]["result"]> | Commands[K]["result"];
};

/** Answers on the control socket. */
export class ControlServer {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly path: string,
    private readonly handlers: Handlers,
    private readonly leases: Leases,
    private readonly events: EventLog,
  ) {
    this.server = createServer((socket) => this.serve(socket));
  }

  open(): Promise<void> {
    // Whoever gets here has the daemon's lock, so a socket that is there is of one that died.
    rmSync(this.path, { force: true });
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(this.path, resolve);
    });
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.end();
    rmSync(this.path, { force: true });
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    const lines = createInterface({ input: socket });
    lines.on("line", (line) => void this.answer(socket, line));
    for (const each of [socket, lines]) each.on("error", () => {});
  }

  private async answer(socket: Socket, line: string): Promise<void> {
    let id: unknown;
    try {
      const message = JSON.parse(line) as { id: number; command: keyof Commands; input: never };
      id = message.id;
      say(socket, { id, result: await this.handle(socket, message.command, message.input) });
    } catch (error) {
      const { message } = error as Error;
      say(socket, { id, error: { message, ...(error instanceof SandboxError ? { hint: error.hint } : {}) } });
    }
  }

  private async handle(socket: Socket, command: keyof Commands, input: never): Promise<unknown> {
    switch (command) {
      case "lease": {
        const lease = this.leases.take();
        socket.once("close", () => lease.release());
        return { markers: lease.markers };
      }
      case "watch": {
        const { since } = input as Commands["watch"]["input"];
        for (const event of since === undefined ? [] : this.events.since(since)) say(socket, { event });
        const stop = this.events.subscribe((event) => say(socket, { event }));
        socket.once("close", stop);
        return {};
      }
      default: {
        const handler = this.handlers[command];
        if (handler === undefined) {
          throw new SandboxError(
            `The daemon knows no command "${command}".`,
            "It may be of another version: stop it.",
          );
        }
        return handler(input);
      }
    }
  }
}

function say(socket: Socket, message: object): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
}
