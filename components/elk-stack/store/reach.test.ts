import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { LogStore, STORE_WAY } from "./store";

/** Takes connections and says nothing, as far as a client can tell a network that drops packets. */
let silent: Server;
const sockets = new Set<Socket>();
let port: number;

beforeAll(async () => {
  silent = createServer((socket) => sockets.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  port = (silent.address() as AddressInfo).port;
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});

const asked = (endpoint: string, patience = {}) =>
  new LogStore({ endpoint }, patience).send("GET", "/").then(
    () => "an answer",
    (error: Error) => error.message,
  );

test("a store that makes no connection is given up after ten seconds, and the error says how to reach it", async () => {
  // Sockets have timers of their own, which go on: an answer may take two minutes.
  jest.useFakeTimers({ now: Date.now(), advanceTimers: false, doNotFake: ["nextTick", "setImmediate"] });
  try {
    const endpoint = `https://127.0.0.1:${port}`;
    const connected = new Promise((resolve) => silent.once("connection", resolve));
    const answer = asked(endpoint);
    await connected;
    jest.advanceTimersByTime(10_000);
    expect(await answer).toBe(
      `The log store ${endpoint} cannot be reached: no connection within 10 s. ${STORE_WAY}`,
    );
  } finally {
    jest.useRealTimers();
  }
});

test("a store that says nothing to a question is given up, too", async () => {
  const endpoint = `http://127.0.0.1:${port}`;
  expect(await asked(endpoint, { answer: 300 })).toBe(
    `The log store ${endpoint} cannot be reached: no answer within 0.3 s. ${STORE_WAY}`,
  );
});

test("where a way is there but nobody listens, the VPN is not to blame", async () => {
  expect(await asked("http://127.0.0.1:1")).toMatch(/cannot be reached: .*ECONNREFUSED.*\.$/);
});
