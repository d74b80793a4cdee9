import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { Bench, listenPort } from "../../tests/support/load-balancer";
import { application, forwardTo, group, listener, state, until } from "../../tests/support/sandbox";

jest.setTimeout(30_000);

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

test("503 when the group has no target, and when every weight is zero", async () => {
  await bench.serve(state(bench.address, [listener(listenPort, forwardTo({ web: 1 }))], [group("web", [])]));
  expect((await bench.get()).status).toBe(503);
  const groups = [group("web", [await bench.machine("web")])];
  await bench.serve(state(bench.address, [listener(listenPort, forwardTo({ web: 0 }))], groups));
  expect((await bench.get()).status).toBe(503);
});

test("when all are unhealthy they are all used; when one is healthy only that one", async () => {
  let ok = false;
  const sick = await bench.machine("sick");
  const app = await application((request, response) => {
    if (request.url === "/healthz") response.statusCode = ok ? 200 : 503;
    response.end("sometimes");
  });
  bench.closers.push(app.close);
  bench.machines.set("sometimes", "127.0.0.1");
  const targets = [sick, { id: "sometimes", port: app.port }];
  const web = group("web", targets, { healthCheck: { matcher: "200" } });
  await bench.serve(
    state(
      bench.address,
      [listener(listenPort, forwardTo({ web: 1 }))],
      [group("web", targets, { healthCheck: { path: "/healthz", matcher: "418" } })],
    ),
  );
  await until("both are unhealthy", () => bench.healthStates("web").every((each) => each === "unhealthy"));
  const open = new Set(
    (await Promise.all([bench.get(), bench.get(), bench.get(), bench.get()])).map((answer) => answer.body),
  );
  expect(open).toEqual(new Set(["sick", "sometimes"]));

  await bench.serve(state(bench.address, [listener(listenPort, forwardTo({ web: 1 }))], [web]));
  await until("one is healthy", () => bench.healthStates("web").includes("healthy"));
  const chosen = new Set(
    (await Promise.all([bench.get(), bench.get(), bench.get(), bench.get()])).map((answer) => answer.body),
  );
  expect(chosen).toEqual(new Set(["sick"]));
  ok = true;
  await until("the other is back", () => bench.healthStates("web").every((each) => each === "healthy"));
});

test("502 when the target refuses, breaks off or talks nonsense, and the request is not sent again", async () => {
  let reached = 0;
  const breaking = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (data) => {
      if (String(data).startsWith("GET /healthz"))
        return socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      reached++;
      if (String(data).includes("nonsense")) return socket.end("nonsense\r\n\r\n");
      return String(data).includes("invalid") ? socket.end("HTTP/1.1 099 What\r\n\r\n") : socket.destroy();
    });
  });
  await new Promise<void>((resolve) => breaking.listen(0, "127.0.0.1", resolve));
  bench.closers.push(() => new Promise((resolve) => breaking.close(() => resolve())));
  bench.machines.set("breaking", "127.0.0.1");
  const { port } = breaking.address() as AddressInfo;
  await bench.serve(
    state(
      bench.address,
      [listener(listenPort, forwardTo({ web: 1 }))],
      [group("web", [{ id: "breaking", port }])],
    ),
  );
  expect((await bench.get("/", { method: "POST", body: "order" })).status).toBe(502);
  expect((await bench.get("/nonsense")).status).toBe(502);
  expect((await bench.get("/invalid")).status).toBe(502);
  expect(reached).toBe(3);

  bench.machines.set("absent", "127.0.0.1");
  await bench.serve(
    state(
      bench.address,
      [listener(listenPort, forwardTo({ gone: 1 }))],
      [group("gone", [{ id: "absent", port: 1 }])],
    ),
  );
  expect((await bench.get()).status).toBe(502);
});

test("504 when the target stays silent for too long", async () => {
  await bench.replace({ idleMilliseconds: 300 });
  const silent = await bench.machine("silent", () => {});
  await bench.serve(
    state(bench.address, [listener(listenPort, forwardTo({ web: 1 }))], [group("web", [silent])]),
  );
  const startedAt = Date.now();
  expect((await bench.get()).status).toBe(504);
  expect(Date.now() - startedAt).toBeGreaterThan(250);
});

test("a port that is taken is reported with a hint and does not stop the other listeners", async () => {
  const other = createTcpServer();
  await new Promise<void>((resolve) => other.listen(18_081, bench.address, resolve));
  const lines: string[] = [];
  await bench.replace({ log: (line) => lines.push(line) });
  const empty = forwardTo({ web: 1 });
  const both = state(
    bench.address,
    [listener(18_081, empty), listener(listenPort, empty)],
    [group("web", [])],
  );
  await bench.balancers.apply(both);
  expect(lines.join("\n")).toMatch(/:18081 \(EADDRINUSE\)[\s\S]*ss -ltnp/);
  expect((await bench.get()).status).toBe(503);
  const error = expect.stringContaining("EADDRINUSE");
  expect(bench.balancers.listeners()).toContainEqual(expect.objectContaining({ port: 18_081, error }));
  await new Promise((resolve) => other.close(resolve));
  await bench.balancers.apply(both);
  expect(bench.balancers.listeners().filter((each) => each.error !== undefined)).toEqual([]);
  expect((await bench.get("/", { port: 18_081 })).status).toBe(503);
});
