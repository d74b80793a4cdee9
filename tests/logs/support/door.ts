/** A way to a store that can be closed: whoever sends through it finds the store away, while the store goes on. */
import { connect, createServer, type ListenOptions, type Server, type Socket } from "node:net";

export class Door {
  private readonly open = new Set<Socket>();
  private server: Server | undefined;

  /** From a port or a socket's path of this machine to a port of it. */
  constructor(
    private readonly from: ListenOptions,
    private readonly to: number,
  ) {}

  async start(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(this.to, "127.0.0.1");
      near.pipe(far).pipe(near);
      for (const side of [near, far]) {
        this.open.add(side);
        side.on("error", () => {}).once("close", () => this.open.delete(side));
      }
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.from, resolve);
    });
    this.server = server;
  }

  stop(): void {
    this.server?.close();
    for (const side of this.open) side.destroy();
    this.server = undefined;
  }
}
