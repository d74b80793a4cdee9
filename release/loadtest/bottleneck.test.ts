import { describeVerdict, nameBottleneck } from "./bottleneck";
import type { Figures } from "./measures";

/** Every layer is there and at rest. */
const calm = {
  loadBalancer: { requests: 12_000, p50: 20, p95: 80, p99: 150, rejected: 0 },
  machines: { cpu: 35, highestCpu: 50 },
  database: { cpu: 20, load: 0.2, connections: 12, readLatency: 1, writeLatency: 2 },
  sessions: { cpu: 8, connections: 6, readLatency: 0.3, writeLatency: 0.4, memory: 30, evictions: 0 },
  fleet: { count: 4, limit: 12, targetCpu: 60 },
} satisfies Figures;

const database = (values: Figures["database"]) => ({ ...calm, database: { ...calm.database, ...values } });
const sessions = (values: Figures["sessions"]) => ({ ...calm, sessions: { ...calm.sessions, ...values } });

test("where no layer is at its limit none is named", () => {
  const verdict = nameBottleneck(calm);
  expect(verdict).toEqual({ bottleneck: null, also: [], missing: [] });
  expect(describeVerdict(verdict)).toBe("No layer came to its limit.");
});

test.each<[string, Figures, string, string, string[]]>([
  [
    "a database whose processor is busy has to be larger",
    database({ cpu: 92.4, load: 3.1 }),
    "database",
    "larger database",
    ["CPU 92 %", "sessions at work per vCPU 3.1", "connections 12"],
  ],
  [
    "a database that waits for its disk's reads wants a cache",
    database({ readLatency: 35 }),
    "database",
    "cache",
    ["read latency 35 ms", "connections 12"],
  ],
  [
    "where its sessions queue up for them, a replica",
    database({ readLatency: 35, load: 2 }),
    "database",
    "replica",
    ["read latency 35 ms", "sessions at work per vCPU 2", "connections 12"],
  ],
  [
    "a database that does not keep up with writes is to be divided",
    database({ writeLatency: 48, load: 4 }),
    "database",
    "shard",
    ["write latency 48 ms", "sessions at work per vCPU 4", "connections 12"],
  ],
  [
    "sessions that queue up before idle processors and disks wait for each other",
    database({ load: 6 }),
    "database",
    "queries",
    ["sessions at work per vCPU 6", "CPU 20 %", "connections 12"],
  ],
  [
    "a session store whose engine is busy has to be larger",
    sessions({ cpu: 88 }),
    "sessions",
    "larger session store",
    ["engine CPU 88 %", "read latency 0.3 ms", "write latency 0.4 ms", "connections 6"],
  ],
  [
    "a session store that throws sessions out wants memory",
    sessions({ evictions: 30, memory: 97 }),
    "sessions",
    "larger session store",
    ["memory in use 97 %", "sessions thrown out 30", "connections 6"],
  ],
  [
    "a session store that answers late has a reason of its own",
    sessions({ writeLatency: 40 }),
    "sessions",
    "larger session store",
    ["read latency 0.3 ms", "write latency 40 ms", "engine CPU 8 %", "connections 6"],
  ],
  [
    "machines at their maximum and above their target have to be more",
    { ...calm, machines: { cpu: 72 }, fleet: { count: 12, limit: 12, targetCpu: 60 } },
    "machines",
    "more machines",
    ["CPU 72 %", "12 machines of at most 12", "scaling keeps to 60 % CPU"],
  ],
  [
    "busy machines with room for more of them have to come earlier",
    { ...calm, machines: { cpu: 95 }, fleet: { count: 4, limit: 12, targetCpu: 60 } },
    "machines",
    "earlier scaling",
    ["CPU 95 %", "4 machines of at most 12", "scaling keeps to 60 % CPU"],
  ],
  [
    "a load balancer that rejects connections is named",
    { ...calm, loadBalancer: { ...calm.loadBalancer, rejected: 12 } },
    "loadBalancer",
    "load balancer",
    ["rejected connections 12"],
  ],
])("%s", (_what, figures, layer, change, shown) => {
  const { bottleneck, also } = nameBottleneck(figures);
  expect(bottleneck).toMatchObject({ layer, change, figures: shown });
  expect(also).toEqual([]);
});

test("machines below their target are not at their limit, although there may be no more of them", () => {
  const figures = { ...calm, machines: { cpu: 55 }, fleet: { count: 2, limit: 2, targetCpu: 60 } };
  expect(nameBottleneck(figures).bottleneck).toBeNull();
});

test("where several are at their limit the one furthest behind is named, since the others may only wait for it", () => {
  const figures = {
    ...database({ cpu: 97 }),
    machines: { cpu: 85 },
    fleet: { count: 12, limit: 12 },
  };
  const { bottleneck, also } = nameBottleneck(figures);
  expect(bottleneck?.layer).toBe("database");
  expect(also.map(({ layer }) => layer)).toEqual(["machines"]);
});

test("a layer that the environment does not have is not missed", () => {
  const { database: _, sessions: __, ...rest } = calm;
  expect(nameBottleneck(rest)).toEqual({ bottleneck: null, also: [], missing: [] });
});

test("how many machines there were has to be known to judge them", () => {
  const { fleet: _, ...rest } = calm;
  expect(nameBottleneck({ ...rest, machines: { cpu: 99 } })).toEqual({
    bottleneck: null,
    also: [],
    missing: ["machines: how many there were"],
  });
});

test("figures that are not there are told, and nothing is concluded from their silence", () => {
  const verdict = nameBottleneck({ ...calm, database: {}, sessions: { connections: 6 } });
  expect(verdict).toEqual({
    bottleneck: null,
    also: [],
    missing: ["database: no figures", "session store: engine CPU"],
  });
  expect(describeVerdict(verdict)).toBe(
    "No bottleneck found in what could be read; without figures nothing is known of database: no figures, session store: engine CPU.",
  );
});
