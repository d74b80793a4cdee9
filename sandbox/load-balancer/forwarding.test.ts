import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import { Bench, listenPort } from "../../tests/support/load-balancer";
import { application, forwardTo, group, listener, state, until } from "../../tests/support/sandbox";

jest.setTimeout(30_000);

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

test("requests are spread over the target groups by weight, and none goes to weight zero", async () => {
  const groups = [group("old", [await bench.machine("old")]), group("new", [await bench.machine("new")])];
  const count = async (weights: Record<string, number>) => {
    await bench.serve(state(bench.address, [listener(listenPort, forwardTo(weights))], groups));
    const answers = await Promise.all(Array.from({ length: 400 }, () => bench.get()));
    return answers.filter((answer) => answer.body === "new").length;
  };
  expect(await count({ old: 100, new: 0 })).toBe(0);
  const tenth = await count({ old: 90, new: 10 });
  expect(tenth).toBeGreaterThan(10); // 40 expected; outside of 10..90 once in 10^6 runs
  expect(tenth).toBeLessThan(90);
  expect(await count({ old: 0, new: 100 })).toBe(400);
});

test("a group's healthy targets take turns", async () => {
  const targets = [await bench.machine("a"), await bench.machine("b"), await bench.machine("c")];
  await bench.serve(
    state(bench.address, [listener(listenPort, forwardTo({ web: 1 }))], [group("web", targets)]),
  );
  await until("all are healthy", () => bench.healthStates("web").every((each) => each === "healthy"));
  const seen: string[] = [];
  for (let i = 0; i < 9; i++) seen.push((await bench.get()).body);
  expect(seen.filter((name) => name === "a")).toHaveLength(3);
  expect(seen.filter((name) => name === "b")).toHaveLength(3);
});

test("the target sees the request as it was, with the load balancer's headers", async () => {
  const echo = await bench.machine("echo", (request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () =>
      response.end(JSON.stringify({ ...request.headers, method: request.method, url: request.url, body })),
    );
  });
  await bench.serve(
    state(bench.address, [listener(listenPort, forwardTo({ web: 1 }))], [group("web", [echo])]),
  );
  const sent = {
    Host: "shop.test",
    "X-Forwarded-For": "203.0.113.9",
    "X-Own": "1",
    "Transfer-Encoding": "chunked",
  };
  const { body } = await bench.get("/a%20b?c=d", {
    method: "POST",
    headers: sent,
    body: "x".repeat(100_000),
  });
  expect(JSON.parse(body)).toMatchObject({
    method: "POST",
    url: "/a%20b?c=d",
    host: "shop.test",
    "x-own": "1",
    "x-forwarded-for": expect.stringMatching(/^203\.0\.113\.9, 127\./),
    "x-forwarded-proto": "http",
    "x-forwarded-port": String(listenPort),
    "x-amzn-trace-id": expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
    body: "x".repeat(100_000),
  });
});

test("an answer is passed on while it is still being made, with repeated headers", async () => {
  const slow = await bench.machine("slow", (_request, response) => {
    response.setHeader("Set-Cookie", ["a=1", "b=2"]);
    response.write("first");
    setTimeout(() => response.end("last"), 400);
  });
  await bench.serve(
    state(bench.address, [listener(listenPort, forwardTo({ web: 1 }))], [group("web", [slow])]),
  );
  const arrivals = await new Promise<{ at: number; text: string; cookies?: string[] }[]>(
    (resolve, reject) => {
      const seen: { at: number; text: string; cookies?: string[] }[] = [];
      httpRequest({ host: bench.address, port: listenPort }, (response) => {
        const cookies = response.headers["set-cookie"] ?? [];
        response.on("data", (chunk) => seen.push({ at: Date.now(), text: String(chunk), cookies }));
        response.on("end", () => resolve(seen));
      })
        .on("error", reject)
        .end();
    },
  );
  expect(arrivals.map(({ text }) => text)).toEqual(["first", "last"]);
  expect(arrivals[1]!.at - arrivals[0]!.at).toBeGreaterThan(200);
  expect(arrivals[0]!.cookies).toEqual(["a=1", "b=2"]);
});

test("an upgraded connection passes bytes both ways", async () => {
  const app = await application((_request, response) => response.end());
  app.server.on("upgrade", (_request, socket: Socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello ");
    socket.pipe(socket);
  });
  bench.closers.push(app.close);
  bench.machines.set("ws", "127.0.0.1");
  await bench.serve(
    state(
      bench.address,
      [listener(listenPort, forwardTo({ web: 1 }))],
      [group("web", [{ id: "ws", port: app.port }])],
    ),
  );
  const received = await new Promise<string>((resolve, reject) => {
    const client = connect(listenPort, bench.address, () =>
      client.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nping"),
    );
    let text = "";
    client.on("data", (chunk) => {
      text += chunk;
      if (text.endsWith("ping")) client.destroy();
    });
    client.on("close", () => resolve(text));
    client.on("error", reject);
  });
  expect(received).toMatch(/^HTTP\/1.1 101 /);
  expect(received).toMatch(/\r\n\r\nhello ping$/);
});

test("rules come before the default: a header reaches the other group, a path is answered, another redirected", async () => {
  const groups = [group("old", [await bench.machine("old")]), group("new", [await bench.machine("new")])];
  const rules = [
    {
      arn: "r1",
      priority: 1,
      conditions: [{ field: "http-header" as const, name: "X-Try", values: ["new"] }],
      actions: [forwardTo({ new: 1 })],
    },
    {
      arn: "r2",
      priority: 2,
      conditions: [{ field: "path-pattern" as const, values: ["/robots.txt"] }],
      actions: [
        {
          type: "fixed-response" as const,
          statusCode: "418",
          contentType: "text/plain",
          messageBody: "no",
        },
      ],
    },
    {
      arn: "r3",
      priority: 3,
      conditions: [{ field: "path-pattern" as const, values: ["/old/*"] }],
      actions: [{ type: "redirect" as const, statusCode: "HTTP_302", path: "/new" }],
    },
  ];
  await bench.serve(state(bench.address, [listener(listenPort, forwardTo({ old: 1 }), rules)], groups));
  expect((await bench.get()).body).toBe("old");
  expect((await bench.get("/", { headers: { "X-Try": "new" } })).body).toBe("new");
  expect(await bench.get("/robots.txt")).toMatchObject({ status: 418, body: "no" });
  const redirected = await bench.get("/old/x?y=1");
  expect(redirected.status).toBe(302);
  expect(redirected.headers.location).toBe(`http://${bench.address}:${listenPort}/new?y=1`);
});

test("an HTTPS listener serves with a certificate for its address, the same one the next time", async () => {
  const secure = { ...listener(18_443, forwardTo({ web: 1 })), protocol: "HTTPS" };
  const fingerprint = async () => {
    await bench.serve(state(bench.address, [secure], [group("web", [await bench.machine("web")])]));
    return new Promise<string>((resolve, reject) => {
      httpsRequest(
        { host: bench.address, port: 18_443, rejectUnauthorized: false, agent: false },
        (response) => {
          const { fingerprint256, subjectaltname } = (
            response.socket as never as {
              getPeerCertificate(): { fingerprint256: string; subjectaltname: string };
            }
          ).getPeerCertificate();
          expect(subjectaltname).toBe(`IP Address:${bench.address}`);
          expect(response.statusCode).toBe(200);
          resolve(fingerprint256);
        },
      )
        .on("error", reject)
        .end();
    });
  };
  const first = await fingerprint();
  await bench.replace();
  expect(await fingerprint()).toBe(first);
});
