import type { ContainerArgs, DockerHostArgs } from "./args";
import { checkDockerHost } from "./checks";
import { room, sizeOf, smallestFor } from "./machine-sizes";
import { inOrder, need, place } from "./placement";

const IMAGE = `registry.example.com/reports@sha256:${"a".repeat(64)}`;

function container(more: Partial<ContainerArgs> = {}): ContainerArgs {
  return { image: IMAGE, memoryMb: 512, cpus: 0.5, ...more };
}

function problemsOf(containers: Record<string, ContainerArgs>, more: Partial<DockerHostArgs> = {}): string[] {
  const args = { instanceType: "m6i.large", containers, ...more } as DockerHostArgs;
  return checkDockerHost("tools", args).list.map(
    ({ property, allowed, fix }) => `${property}: ${allowed} → ${fix}`,
  );
}

test("a plain declaration has nothing wrong", () => {
  expect(
    problemsOf({
      db: container(),
      app: container({ dependsOn: ["db"], ports: [{ container: 80, host: 8080 }] }),
    }),
  ).toEqual([]);
});

test.each([
  ["privileged", { privileged: true }, "containers.app.privileged"],
  ["hostNetwork", { hostNetwork: true }, "containers.app.hostNetwork"],
  [
    "dockerSocket",
    { volumes: [{ type: "host", path: "/var/run/docker.sock", mount: "/s" }] },
    "containers.app.volumes",
  ],
  ["dockerSocket", { volumes: [{ type: "host", path: "/", mount: "/host" }] }, "containers.app.volumes"],
  ["mutableImage", { image: "nginx:1.27" }, "containers.app.image"],
  ["mutableImage", { image: "nginx" }, "containers.app.image"],
  ["writableRoot", { writableRoot: true }, "containers.app.writableRoot"],
] as [string, Partial<ContainerArgs>, string][])(
  "%s is refused without the word that allows it",
  (word, more, property) => {
    const [problem, ...others] = problemsOf({ app: container(more) });
    expect(others).toEqual([]);
    expect(problem).toContain(`${property}: only with allow: ["${word}"]`);
    expect(problemsOf({ app: container({ ...more, allow: [word] as ContainerArgs["allow"] }) })).toEqual([]);
  },
);

test("containers that do not fit are refused with the type that would do", () => {
  const [problem] = problemsOf({ app: container({ memoryMb: 4096 }), other: container({ memoryMb: 4096 }) });
  // 8192 for both, and 4096 for the one that runs twice while it is updated.
  expect(problem).toContain("instanceType: a type with 12288 MiB and 1.5 cores");
  expect(problem).toContain("Use r6i.large, or lower");
});

test("a type that nobody knows needs its size, and is judged by it", () => {
  expect(problemsOf({ app: container() }, { instanceType: "x9.huge" })[0]).toContain(
    '"x9.huge" is not in the table',
  );
  const size = { cpus: 2, memoryMb: 1024 };
  expect(problemsOf({ app: container() }, { instanceType: "x9.huge", size })[0]).toContain("instanceType:");
});

test("a port that two containers want is refused, the one beside it as well", () => {
  const on = (host: number) => container({ ports: [{ container: 80, host }] });
  expect(problemsOf({ a: on(8080), b: on(8080) })[0]).toContain("containers.b.ports[0].host");
  expect(problemsOf({ a: on(8080), b: on(8081) })[0]).toContain("containers.b.ports[0].host");
  expect(problemsOf({ a: on(8080), b: on(8082) })).toEqual([]);
  expect(problemsOf({ a: on(80) })[0]).toContain("1024 to 65534");
});

test("a route needs a published port, a load balancer, a pattern and a priority of its own", () => {
  const loadBalancer = { listenerArn: "arn", securityGroupId: "sg" };
  const route = { paths: ["/a/*"], priority: 10, healthPath: "/" };
  const routed = (host: number | undefined, more = {}) =>
    container({ ports: [{ container: 80, ...(host && { host }), route: { ...route, ...more } }] });
  expect(problemsOf({ a: routed(8080) }, { loadBalancer })).toEqual([]);
  expect(problemsOf({ a: routed(8080) })[0]).toContain("loadBalancer:");
  expect(problemsOf({ a: routed(undefined) }, { loadBalancer })[0]).toContain("ports[0].host");
  expect(problemsOf({ a: routed(8080, { paths: [] }) }, { loadBalancer })[0]).toContain("ports[0].route");
  expect(problemsOf({ a: routed(8080), b: routed(8090) }, { loadBalancer })[0]).toContain("a has it");
});

test("a circle of dependencies, an unknown one and one that is not on every host are refused", () => {
  const a = container({ dependsOn: ["b"] });
  expect(problemsOf({ a, b: container({ dependsOn: ["a"] }) })[0]).toContain("no circle");
  expect(problemsOf({ a, c: container() })[0]).toContain("containers.a.dependsOn: c");
  const disk = container({ volumes: [{ type: "disk", path: "/data", mount: "/data" }] });
  expect(problemsOf({ a, b: disk }, { diskSizeGb: 10 })).toEqual([]);
  expect(problemsOf({ a, b: disk }, { diskSizeGb: 10, hosts: 2 })[0]).toContain("run on every host");
  expect(problemsOf({ b: disk })[0]).toContain("diskSizeGb");
});

test("everything wrong is told at once", () => {
  const found = problemsOf({ "Bad Name": container({ memoryMb: 0, cpus: 0, image: "nginx" }) });
  expect(found).toHaveLength(4);
});

test("two hosts run everything twice but what has a disk, which is dealt out by memory", () => {
  const disk = (memoryMb: number) =>
    container({ memoryMb, volumes: [{ type: "disk", path: "/d", mount: "/d" }] });
  const containers = { web: container(), small: disk(100), large: disk(900), middle: disk(500) };
  expect(place(containers, 2)).toEqual([
    ["web", "large"],
    ["web", "middle", "small"],
  ]);
});

test("room for an update is room for the largest container twice, if two may run at once", () => {
  const disk = container({ memoryMb: 2000, volumes: [{ type: "disk", path: "/d", mount: "/d" }] });
  const containers = { web: container(), db: disk };
  expect(need(["web", "db"], containers)).toEqual({ cpus: 1.5, memoryMb: 512 + 2000 + 512 });
});

test("containers start after those they depend on, else as declared", () => {
  const containers = {
    c: container({ dependsOn: ["b"] }),
    a: container(),
    b: container({ dependsOn: ["a"] }),
  };
  expect(inOrder(["c", "a", "b"], containers)).toEqual(["a", "b", "c"]);
});

test.each([
  ["t3.nano", { cpus: 2, memoryMb: 512 }],
  ["t4g.xlarge", { cpus: 4, memoryMb: 16384 }],
  ["m6i.large", { cpus: 2, memoryMb: 8192 }],
  ["c7g.2xlarge", { cpus: 8, memoryMb: 16384 }],
  ["r6id.4xlarge", { cpus: 16, memoryMb: 131072 }],
  ["m5.large", undefined],
  ["nonsense", undefined],
])("%s has the size that AWS publishes, or none", (type, size) => {
  expect(sizeOf(type)).toEqual(size);
});

test("the type that is proposed has the room, and the one below it has not", () => {
  const wanted = { cpus: 3, memoryMb: 9000 };
  expect(smallestFor(wanted)).toBe("m6i.xlarge");
  expect(room(sizeOf("m6i.large")!).memoryMb).toBeLessThan(9000);
  expect(smallestFor({ cpus: 1, memoryMb: 1e9 })).toBeUndefined();
});
