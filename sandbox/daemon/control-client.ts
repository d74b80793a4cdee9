import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { SandboxError } from "../errors";
import type { SandboxEvent } from "./events";
import type { Commands } from "./protocol";

interface Answer {
  id?: number;
  result?: unknown;
  error?: { message: string; hint?: string };
  event?: SandboxEvent;
}

/** The daemon closed the connection, since it ended. */
export class SandboxEnded extends SandboxError {
  constructor() {
    super("The sandbox ended.", "Start it again with `retrofit sandbox start`.");
  }
}

/** A connection to a running daemon. */
export class ControlClient {
  /** Called for events after `watch`. */
  onEvent: (event: SandboxEvent) => void = () => {};
  private readonly waiting = new Map<
    number,
    { resolve: (result: never) => void; reject: (error: Error) => void }
  >();
  private lastId = 0;

  /** Undefined when no daemon listens there. */
  static connect(path: string): Promise<ControlClient | undefined> {
    return new Promise((resolve) => {
      const socket = connect(path);
      socket.once("error", () => resolve(undefined));
      socket.once("connect", () => resolve(new ControlClient(socket)));
    });
  }

  private constructor(private readonly socket: Socket) {
    const lines = createInterface({ input: socket });
    lines.on("line", (line) => this.take(JSON.parse(line) as Answer));
    // An error is followed by "close", which is where it is dealt with.
    for (const each of [socket, lines]) each.on("error", () => {});
    socket.on("close", () => {
      for (const { reject } of this.waiting.values()) reject(new SandboxEnded());
      this.waiting.clear();
    });
  }

  send<K extends keyof Commands>(command: K, input: Commands[K]["input"], timeoutMilliseconds = 10_000) {
    return new Promise<Commands[K]["result"]>((resolve, reject) => {
      if (this.socket.destroyed) return reject(new SandboxEnded());
      const id = ++this.lastId;
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        const what = `The sandbox's daemon does not answer (${command}).`;
        reject(new SandboxError(what, "End it with `retrofit sandbox stop` and start it again."));
      }, timeoutMilliseconds);
      const over = () => clearTimeout(timer);
      this.waiting.set(id, {
        resolve: (result) => {
          over();
          resolve(result);
        },
        reject: (error) => {
          over();
          reject(error);
        },
      });
      this.socket.write(`${JSON.stringify({ id, command, input })}\n`);
    });
  }

  /** Lets the process end although the connection is open. */
  unref(): void {
    this.socket.unref();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.destroyed) return resolve();
      this.socket.once("close", () => resolve());
      this.socket.destroy();
    });
  }

  private take({ id, result, error, event }: Answer): void {
    if (event !== undefined) {
      this.onEvent(event);
      return;
    }
    const waiting = this.waiting.get(id ?? 0);
    if (waiting === undefined) return;
    this.waiting.delete(id ?? 0);
    if (error === undefined) waiting.resolve(result as never);
    else waiting.reject(new SandboxError(error.message, error.hint ?? "See the daemon's log."));
  }
}
