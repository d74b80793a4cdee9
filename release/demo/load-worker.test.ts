import { EventEmitter } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "../../tests/support/sandbox";
import { Load } from "./load";
import { Recorder } from "./load-worker";

let server: Server;

afterEach(() => new Promise((resolve) => (server?.listening ? server.close(resolve) : resolve(undefined))));

async function serve(answer: (n: number) => "good" | "bad" | "cut off"): Promise<string> {
  let n = 0;
  server = createServer((request, response) => {
    const kind = answer(++n);
    if (kind === "cut off") {
      // Ends the connection in order, without an answer: what a machine does that is taken away too early.
      request.socket.end();
      return;
    }
    response.writeHead(kind === "good" ? 200 : 503, { "X-Release": "1.0.0" }).end("hello");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test("a steady load from a real generator is recorded request by request, with what answered", async () => {
  let asked = 0;
  const url = await serve((n) => {
    asked = n;
    return n === 20 ? "bad" : n === 30 || n === 31 ? "cut off" : "good";
  });
  const load = Load.start(url, 100);
  await until("the generator has asked often enough", () => asked > 200, 50);
  await load.stop();
  expect(load.samples.length).toBeGreaterThan(150);
  const failures = load.samples.filter(({ status }) => status !== 200);
  expect(failures.map(({ status }) => status).sort()).toEqual([0, 0, 503]);
  expect(failures.filter(({ error }) => error === "connection closed before the answer")).toHaveLength(2);
  expect(load.failures).toBe(3);
  expect(load.samples.find(({ status }) => status === 200)?.version).toBe("1.0.0");
  server.closeAllConnections();
});

test("a request that hung when the load ended is a failure; one that was just sent is not", () => {
  const recorder = new Recorder();
  const [hung, fresh] = [new EventEmitter(), new EventEmitter()];
  recorder.watch(hung);
  recorder.watch(fresh);
  const now = Date.now();
  jest.useFakeTimers({ now });
  hung.emit("request");
  jest.setSystemTime(now + 5000);
  fresh.emit("request");
  recorder.close();
  jest.useRealTimers();
  expect(recorder.take().map(({ error }) => error)).toEqual(["no answer when the load ended"]);
});
