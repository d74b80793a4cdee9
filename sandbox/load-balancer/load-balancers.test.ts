import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request as httpRequest, type IncomingMessage, type RequestListener } from "node:http";
import { request as httpsRequest } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  application,
  forwardTo,
  group,
  groupArn,
  listener,
  sleep,
  state,
  until,
} from "../../tests/support/sandbox";
import { EventLog } from "../daemon/events";
import type { EmulatedState } from "../emulated";
import { LoadBalancers } from "./load-balancers";

jest.setTimeout(30_000);

// Its own addresses per test, so that no test sees another's listeners.
let nextAddress = 1;
let address: string;
let folder: string;
let balancers: LoadBalancers;
let events: EventLog;
let machines: Map<string, string>;
let closers: (() => Promise<void>)[];
const listenPort = 18_080;

beforeEach(() => {
  address = `127.82.${process.pid % 250}.${nextAddress++}`;
  folder = mkdtempSync(join(tmpdir(), "retrofit-lb-"));
  events = new EventLog();
  machines = new Map();
  closers = [];
  balancers = newBalancers();
});
afterEach(async () => {
  await balancers.close();
  await Promise.all(closers.map((close) => close()));
  rmSync(folder, { recursive: true });
});

function newBalancers(idleMilliseconds?: number) {
  return new LoadBalancers({
    folder,
    events,
    addressOf: (id) => machines.get(id),
    releaseOf: (id) => id,
    onHealthChange: () => {},
    log: () => {},
    ...(idleMilliseconds === undefined ? {} : { idleMilliseconds }),
  });
}

/** A healthy target that answers with its own name, or as told. */
async function machine(id: string, answer?: RequestListener): Promise<{ id: string; port: number }> {
  const app = await application((request, response) => {
    if (request.url === "/healthz") response.end("ok");
    else if (answer) answer(request, response);
    else response.setHeader("X-Release", id).end(id);
  });
  closers.push(app.close);
  machines.set(id, "127.0.0.1");
  return { id, port: app.port };
}

interface Answer {
  status: number;
  body: string;
  headers: IncomingMessage["headers"];
}

function get(
  path = "/",
  options: { port?: number; method?: string; headers?: object; body?: string; agent?: Agent } = {},
) {
  return new Promise<Answer>((resolve, reject) => {
    const {
      body,
      agent = new Agent({ keepAlive: false }),
      port = listenPort,
      method = "GET",
      headers = {},
    } = options;
    const request = httpRequest(
      { host: address, port, path, method, headers: headers as never, agent },
      (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
        );
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

const health = (name: string) => balancers.targetHealth()[groupArn(name)] ?? {};
const healthStates = (name: string) => Object.values(health(name)).map((target) => target.state);

async function serve(next: EmulatedState) {
  await balancers.apply(next);
  for (const { name, targets } of next.targetGroups) {
    await until(
      `all of ${name} are checked`,
      () => targets.length === 0 || !healthStates(name).includes("initial"),
    );
  }
}

describe("forwarding", () => {
  test("requests are spread over the target groups by weight, and none goes to weight zero", async () => {
    const groups = [group("old", [await machine("old")]), group("new", [await machine("new")])];
    const count = async (weights: Record<string, number>) => {
      await serve(state(address, [listener(listenPort, forwardTo(weights))], groups));
      const answers = await Promise.all(Array.from({ length: 400 }, () => get()));
      return answers.filter((answer) => answer.body === "new").length;
    };
    expect(await count({ old: 100, new: 0 })).toBe(0);
    const tenth = await count({ old: 90, new: 10 });
    expect(tenth).toBeGreaterThan(10); // 40 expected; outside of 10..90 once in 10^6 runs
    expect(tenth).toBeLessThan(90);
    expect(await count({ old: 0, new: 100 })).toBe(400);
  });

  test("a group's healthy targets take turns", async () => {
    const targets = [await machine("a"), await machine("b"), await machine("c")];
    await serve(state(address, [listener(listenPort, forwardTo({ web: 1 }))], [group("web", targets)]));
    await until("all are healthy", () => healthStates("web").every((each) => each === "healthy"));
    const seen: string[] = [];
    for (let i = 0; i < 9; i++) seen.push((await get()).body);
    expect(seen.filter((name) => name === "a")).toHaveLength(3);
    expect(seen.filter((name) => name === "b")).toHaveLength(3);
  });

  test("the target sees the request as it was, with the load balancer's headers", async () => {
    const echo = await machine("echo", (request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () =>
        response.end(JSON.stringify({ ...request.headers, method: request.method, url: request.url, body })),
      );
    });
    await serve(state(address, [listener(listenPort, forwardTo({ web: 1 }))], [group("web", [echo])]));
    const sent = {
      Host: "shop.test",
      "X-Forwarded-For": "203.0.113.9",
      "X-Own": "1",
      "Transfer-Encoding": "chunked",
    };
    const { body } = await get("/a%20b?c=d", { method: "POST", headers: sent, body: "x".repeat(100_000) });
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
    const slow = await machine("slow", (_request, response) => {
      response.setHeader("Set-Cookie", ["a=1", "b=2"]);
      response.write("first");
      setTimeout(() => response.end("last"), 400);
    });
    await serve(state(address, [listener(listenPort, forwardTo({ web: 1 }))], [group("web", [slow])]));
    const arrivals = await new Promise<{ at: number; text: string; cookies?: string[] }[]>(
      (resolve, reject) => {
        const seen: { at: number; text: string; cookies?: string[] }[] = [];
        httpRequest({ host: address, port: listenPort }, (response) => {
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
    closers.push(app.close);
    machines.set("ws", "127.0.0.1");
    await serve(
      state(
        address,
        [listener(listenPort, forwardTo({ web: 1 }))],
        [group("web", [{ id: "ws", port: app.port }])],
      ),
    );
    const received = await new Promise<string>((resolve, reject) => {
      const client = connect(listenPort, address, () =>
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
    const groups = [group("old", [await machine("old")]), group("new", [await machine("new")])];
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
    await serve(state(address, [listener(listenPort, forwardTo({ old: 1 }), rules)], groups));
    expect((await get()).body).toBe("old");
    expect((await get("/", { headers: { "X-Try": "new" } })).body).toBe("new");
    expect(await get("/robots.txt")).toMatchObject({ status: 418, body: "no" });
    const redirected = await get("/old/x?y=1");
    expect(redirected.status).toBe(302);
    expect(redirected.headers.location).toBe(`http://${address}:${listenPort}/new?y=1`);
  });

  test("an HTTPS listener serves with a certificate for its address, the same one the next time", async () => {
    const secure = { ...listener(18_443, forwardTo({ web: 1 })), protocol: "HTTPS" };
    const fingerprint = async () => {
      await serve(state(address, [secure], [group("web", [await machine("web")])]));
      return new Promise<string>((resolve, reject) => {
        httpsRequest({ host: address, port: 18_443, rejectUnauthorized: false, agent: false }, (response) => {
          const { fingerprint256, subjectaltname } = (
            response.socket as never as {
              getPeerCertificate(): { fingerprint256: string; subjectaltname: string };
            }
          ).getPeerCertificate();
          expect(subjectaltname).toBe(`IP Address:${address}`);
          expect(response.statusCode).toBe(200);
          resolve(fingerprint256);
        })
          .on("error", reject)
          .end();
      });
    };
    const first = await fingerprint();
    await balancers.close();
    balancers = newBalancers();
    expect(await fingerprint()).toBe(first);
  });
});

describe("failures", () => {
  test("503 when the group has no target, and when every weight is zero", async () => {
    await serve(state(address, [listener(listenPort, forwardTo({ web: 1 }))], [group("web", [])]));
    expect((await get()).status).toBe(503);
    const groups = [group("web", [await machine("web")])];
    await serve(state(address, [listener(listenPort, forwardTo({ web: 0 }))], groups));
    expect((await get()).status).toBe(503);
  });

  test("when all are unhealthy they are all used; when one is healthy only that one", async () => {
    let ok = false;
    const sick = await machine("sick");
    const app = await application((request, response) => {
      if (request.url === "/healthz") response.statusCode = ok ? 200 : 503;
      response.end("sometimes");
    });
    closers.push(app.close);
    machines.set("sometimes", "127.0.0.1");
    const targets = [sick, { id: "sometimes", port: app.port }];
    const web = group("web", targets, { healthCheck: { matcher: "200" } });
    await serve(
      state(
        address,
        [listener(listenPort, forwardTo({ web: 1 }))],
        [group("web", targets, { healthCheck: { path: "/healthz", matcher: "418" } })],
      ),
    );
    await until("both are unhealthy", () => healthStates("web").every((each) => each === "unhealthy"));
    const open = new Set((await Promise.all([get(), get(), get(), get()])).map((answer) => answer.body));
    expect(open).toEqual(new Set(["sick", "sometimes"]));

    await serve(state(address, [listener(listenPort, forwardTo({ web: 1 }))], [web]));
    await until("one is healthy", () => healthStates("web").includes("healthy"));
    const chosen = new Set((await Promise.all([get(), get(), get(), get()])).map((answer) => answer.body));
    expect(chosen).toEqual(new Set(["sick"]));
    ok = true;
    await until("the other is back", () => healthStates("web").every((each) => each === "healthy"));
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
    closers.push(() => new Promise((resolve) => breaking.close(() => resolve())));
    machines.set("breaking", "127.0.0.1");
    const { port } = breaking.address() as AddressInfo;
    await serve(
      state(
        address,
        [listener(listenPort, forwardTo({ web: 1 }))],
        [group("web", [{ id: "breaking", port }])],
      ),
    );
    expect((await get("/", { method: "POST", body: "order" })).status).toBe(502);
    expect((await get("/nonsense")).status).toBe(502);
    expect((await get("/invalid")).status).toBe(502);
    expect(reached).toBe(3);

    machines.set("absent", "127.0.0.1");
    await serve(
      state(
        address,
        [listener(listenPort, forwardTo({ gone: 1 }))],
        [group("gone", [{ id: "absent", port: 1 }])],
      ),
    );
    expect((await get()).status).toBe(502);
  });

  test("504 when the target stays silent for too long", async () => {
    await balancers.close();
    balancers = newBalancers(300);
    const silent = await machine("silent", () => {});
    await serve(state(address, [listener(listenPort, forwardTo({ web: 1 }))], [group("web", [silent])]));
    const startedAt = Date.now();
    expect((await get()).status).toBe(504);
    expect(Date.now() - startedAt).toBeGreaterThan(250);
  });

  test("a port that is taken is reported with a hint and does not stop the other listeners", async () => {
    const other = createTcpServer();
    await new Promise<void>((resolve) => other.listen(18_081, address, resolve));
    const lines: string[] = [];
    await balancers.close();
    balancers = new LoadBalancers({
      folder,
      events,
      addressOf: () => undefined,
      releaseOf: () => undefined,
      onHealthChange: () => {},
      log: (line) => lines.push(line),
    });
    const empty = forwardTo({ web: 1 });
    const both = state(address, [listener(18_081, empty), listener(listenPort, empty)], [group("web", [])]);
    await balancers.apply(both);
    expect(lines.join("\n")).toContain(`${address}:18081`);
    expect((await get()).status).toBe(503);
    const error = expect.stringContaining("EADDRINUSE");
    expect(balancers.listeners()).toContainEqual(expect.objectContaining({ port: 18_081, error }));
    await new Promise((resolve) => other.close(resolve));
    await balancers.apply(both);
    expect(balancers.listeners().filter((each) => each.error !== undefined)).toEqual([]);
    expect((await get("/", { port: 18_081 })).status).toBe(503);
  });
});

describe("change", () => {
  test("a removed target finishes what it is answering, gets nothing new, and is then drained", async () => {
    let release: () => void = () => {};
    const slow = await machine("slow", (_request, response) => {
      release = () => response.end("finished");
    });
    const next = await machine("next");
    const rules = [listener(listenPort, forwardTo({ web: 1 }))];
    await serve(state(address, rules, [group("web", [slow])]));
    const waiting = get("/slow");
    await sleep(100);

    machines.delete("slow");
    await balancers.apply(state(address, rules, [group("web", [slow, next])]));
    expect(health("web")[`slow:${slow.port}`]?.state).toBe("draining");
    expect(balancers.isDraining("slow")).toBe(true);
    const meanwhile = await Promise.all(Array.from({ length: 20 }, () => get()));
    expect(new Set(meanwhile.map((answer) => answer.body))).toEqual(new Set(["next"]));

    release();
    expect(await waiting).toMatchObject({ status: 200, body: "finished" });
    await until("it is drained", () => !balancers.isDraining("slow"));
    expect(Object.keys(health("web"))).toEqual([`next:${next.port}`]);
  });

  test("draining ends with the deregistration delay even when a request is still open", async () => {
    const stuck = await machine("stuck", () => {});
    const rules = [listener(listenPort, forwardTo({ web: 1 }))];
    await serve(state(address, rules, [group("web", [stuck])]));
    get().catch(() => {});
    await sleep(50);
    const shortDelay = { deregistrationDelaySeconds: 0.3 };
    await serve(state(address, rules, [group("web", [stuck], shortDelay)]));
    await balancers.apply(state(address, rules, [group("web", [], shortDelay)]));
    await sleep(100);
    expect(balancers.isDraining("stuck")).toBe(true);
    await until("the delay is over", () => !balancers.isDraining("stuck"), 1);
  });

  test("not one request fails while weights move and the old group is taken away under load", async () => {
    const old = await machine("old");
    const fresh = await machine("new");
    const groups = [group("old", [old]), group("new", [fresh])];
    await serve(state(address, [listener(listenPort, forwardTo({ old: 1, new: 0 }))], groups));
    const agent = new Agent({ keepAlive: true, maxSockets: 10 });
    const answers: Answer[] = [];
    let running = true;
    const clients = Array.from({ length: 10 }, async () => {
      while (running) answers.push(await get("/", { agent }));
    });
    for (const share of [10, 50, 100]) {
      await balancers.apply(
        state(address, [listener(listenPort, forwardTo({ old: 100 - share, new: share }))], groups),
      );
      await sleep(150);
    }
    machines.delete("old");
    await balancers.apply(state(address, [listener(listenPort, forwardTo({ new: 1 }))], [groups[1]!]));
    await sleep(150);
    running = false;
    await Promise.all(clients);
    agent.destroy();
    expect(answers.filter((answer) => answer.status !== 200)).toEqual([]);
    expect(answers.at(-1)?.body).toBe("new");
    expect(new Set(answers.map((answer) => answer.body))).toEqual(new Set(["old", "new"]));
  });

  test("a group that no listener uses is not checked; it is as soon as one does", async () => {
    const web = group("web", [await machine("web")]);
    await balancers.apply(state(address, [], [web]));
    await sleep(200);
    expect(healthStates("web")).toEqual(["unused"]);
    await balancers.apply(state(address, [listener(listenPort, forwardTo({ web: 0 }))], [web]));
    await until("it is healthy", () => healthStates("web")[0] === "healthy");
  });

  test("a change of weights is told once, with the releases behind the groups", async () => {
    const groups = [group("old", [await machine("1.0.0")]), group("new", [await machine("1.1.0")])];
    const share = (weight: number) =>
      state(address, [listener(listenPort, forwardTo({ old: 100 - weight, new: weight }))], groups);
    for (const weight of [0, 10, 10]) await balancers.apply(share(weight));
    const told = events.since(0).flatMap((event) => (event.type === "weights" ? [event.groups] : []));
    expect(told.map((each) => each.map(({ release, weight }) => `${release}=${weight}`))).toEqual([
      ["1.0.0=100", "1.1.0=0"],
      ["1.0.0=90", "1.1.0=10"],
    ]);
  });
});

test("what passed is counted as CloudWatch counts it", async () => {
  const web = await machine("web", (request, response) => {
    response.statusCode = request.url === "/bad" ? 500 : 200;
    setTimeout(() => response.end(), request.url === "/slow" ? 120 : 0);
    response.flushHeaders();
  });
  const rules = [
    {
      arn: "r",
      priority: 1,
      conditions: [{ field: "path-pattern" as const, values: ["/none"] }],
      actions: [forwardTo({ none: 1 })],
    },
  ];
  await serve(
    state(
      address,
      [listener(listenPort, forwardTo({ web: 1 }), rules)],
      [group("web", [web]), group("none", [])],
    ),
  );
  balancers.metrics();
  for (const path of ["/", "/", "/slow", "/bad", "/none"]) await get(path);
  const metrics = balancers.metrics();
  const ofGroup = {
    LoadBalancer: "app/shop/50dc6c495c0c9188",
    TargetGroup: "targetgroup/web/73e2d6bc24d8a067",
  };
  const ofAll = { LoadBalancer: ofGroup.LoadBalancer };
  const value = (name: string, dimensions: object) =>
    metrics.find(
      (metric) => metric.name === name && JSON.stringify(metric.dimensions) === JSON.stringify(dimensions),
    );
  expect(value("RequestCount", ofGroup)).toMatchObject({
    namespace: "AWS/ApplicationELB",
    value: 4,
    unit: "Count",
  });
  expect(value("RequestCount", ofAll)?.value).toBe(5);
  expect(value("HTTPCode_Target_2XX_Count", ofGroup)?.value).toBe(3);
  expect(value("HTTPCode_Target_5XX_Count", ofGroup)?.value).toBe(1);
  expect(value("HTTPCode_ELB_5XX_Count", ofAll)?.value).toBe(1);
  expect(value("HTTPCode_ELB_5XX_Count", ofGroup)).toBeUndefined();
  expect(value("HealthyHostCount", ofGroup)?.value).toBe(1);
  expect(value("TargetResponseTime", ofGroup)?.counts?.reduce((sum, count) => sum + count, 0)).toBe(4);
  expect(balancers.metrics().filter((metric) => metric.name === "RequestCount")).toEqual([]);
});
