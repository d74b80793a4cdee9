import { createServer } from "node:net";
import { whyNotOpen } from "./listener";

/** An address that no load balancer gets, so that the question disturbs nobody. */
const address = "127.80.255.254";
const port = 80;

/** Throws when load balancers could not listen on port 80 here, rather than let each of them fail later. */
export function checkPortPermission(): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => reject(whyNotOpen(error, address, port)));
    server.listen(port, address, () => server.close(() => resolve()));
  });
}
