import { Agent } from "node:http";
import { type Answer, Bench, listenPort } from "../../tests/support/load-balancer";
import { forwardTo, group, listener, sleep, state, until } from "../../tests/support/sandbox";

jest.setTimeout(30_000);

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

test("a removed target finishes what it is answering, gets nothing new, and is then drained", async () => {
  let release: () => void = () => {};
  const slow = await bench.machine("slow", (_request, response) => {
    release = () => response.end("finished");
  });
  const next = await bench.machine("next");
  const rules = [listener(listenPort, forwardTo({ web: 1 }))];
  await bench.serve(state(bench.address, rules, [group("web", [slow])]));
  const waiting = bench.get("/slow");
  await sleep(100);

  bench.machines.delete("slow");
  await bench.balancers.apply(state(bench.address, rules, [group("web", [slow, next])]));
  expect(bench.health("web")[`slow:${slow.port}`]?.state).toBe("draining");
  expect(bench.balancers.isDraining("slow")).toBe(true);
  const meanwhile = await Promise.all(Array.from({ length: 20 }, () => bench.get()));
  expect(new Set(meanwhile.map((answer) => answer.body))).toEqual(new Set(["next"]));

  release();
  expect(await waiting).toMatchObject({ status: 200, body: "finished" });
  await until("it is drained", () => !bench.balancers.isDraining("slow"));
  expect(Object.keys(bench.health("web"))).toEqual([`next:${next.port}`]);
});

test("draining ends with the deregistration delay even when a request is still open", async () => {
  const stuck = await bench.machine("stuck", () => {});
  const rules = [listener(listenPort, forwardTo({ web: 1 }))];
  await bench.serve(state(bench.address, rules, [group("web", [stuck])]));
  bench.get().catch(() => {});
  await sleep(50);
  const shortDelay = { deregistrationDelaySeconds: 0.3 };
  await bench.serve(state(bench.address, rules, [group("web", [stuck], shortDelay)]));
  await bench.balancers.apply(state(bench.address, rules, [group("web", [], shortDelay)]));
  await sleep(100);
  expect(bench.balancers.isDraining("stuck")).toBe(true);
  await until("the delay is over", () => !bench.balancers.isDraining("stuck"), 1);
});

test("not one request fails while weights move and the old group is taken away under load", async () => {
  const old = await bench.machine("old");
  const fresh = await bench.machine("new");
  const groups = [group("old", [old]), group("new", [fresh])];
  await bench.serve(state(bench.address, [listener(listenPort, forwardTo({ old: 1, new: 0 }))], groups));
  const agent = new Agent({ keepAlive: true, maxSockets: 10 });
  const answers: Answer[] = [];
  let running = true;
  const clients = Array.from({ length: 10 }, async () => {
    while (running) answers.push(await bench.get("/", { agent }));
  });
  for (const share of [10, 50, 100]) {
    await bench.balancers.apply(
      state(bench.address, [listener(listenPort, forwardTo({ old: 100 - share, new: share }))], groups),
    );
    await sleep(150);
  }
  bench.machines.delete("old");
  await bench.balancers.apply(
    state(bench.address, [listener(listenPort, forwardTo({ new: 1 }))], [groups[1]!]),
  );
  await sleep(150);
  running = false;
  await Promise.all(clients);
  agent.destroy();
  expect(answers.filter((answer) => answer.status !== 200)).toEqual([]);
  expect(answers.at(-1)?.body).toBe("new");
  expect(new Set(answers.map((answer) => answer.body))).toEqual(new Set(["old", "new"]));
});

test("a group that no listener uses is not checked; it is as soon as one does", async () => {
  const web = group("web", [await bench.machine("web")]);
  await bench.balancers.apply(state(bench.address, [], [web]));
  await sleep(200);
  expect(bench.healthStates("web")).toEqual(["unused"]);
  await bench.balancers.apply(state(bench.address, [listener(listenPort, forwardTo({ web: 0 }))], [web]));
  await until("it is healthy", () => bench.healthStates("web")[0] === "healthy");
});

test("a change of weights is told once, with the releases behind the groups", async () => {
  const groups = [group("old", [await bench.machine("1.0.0")]), group("new", [await bench.machine("1.1.0")])];
  const share = (weight: number) =>
    state(bench.address, [listener(listenPort, forwardTo({ old: 100 - weight, new: weight }))], groups);
  for (const weight of [0, 10, 10]) await bench.balancers.apply(share(weight));
  const told = bench.events.since(0).flatMap((event) => (event.type === "weights" ? [event.groups] : []));
  expect(told.map((each) => each.map(({ release, weight }) => `${release}=${weight}`))).toEqual([
    ["1.0.0=100", "1.1.0=0"],
    ["1.0.0=90", "1.1.0=10"],
  ]);
});
