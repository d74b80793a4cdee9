import { createServer } from "node:net";

export interface Held {
  release(): Promise<void>;
}

/**
 * Takes a lock that the kernel gives back when its holder ends in whatever way: a socket in the abstract namespace,
 * which leaves no file that could be stale. Undefined when another process has it.
 */
export function tryLock(name: string): Promise<Held | undefined> {
  // All 108 bytes of the address are filled, since versions of Node differ in how they treat a shorter one.
  const path = `\0retrofit-${name}-`.padEnd(108, "x");
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen({ path }, () => {
      server.unref();
      resolve({ release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}

/** Waits for the lock. Undefined when it was not free in time. */
export async function lock(name: string, waitMilliseconds: number): Promise<Held | undefined> {
  const deadline = Date.now() + waitMilliseconds;
  for (;;) {
    const held = await tryLock(name);
    if (held !== undefined || Date.now() > deadline) return held;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until nobody has the lock. False when somebody still had it in the end. */
export async function freed(name: string, waitMilliseconds: number): Promise<boolean> {
  const held = await lock(name, waitMilliseconds);
  await held?.release();
  return held !== undefined;
}
