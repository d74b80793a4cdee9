import { importCompose } from "./compose";
import { megabytes, seconds, words } from "./compose-values";
import { readMachineList } from "./machine-list";
import { planHosts } from "./plan";

const DIGEST = `nginx@sha256:${"a".repeat(64)}`;
const imported = (services: string) => importCompose(`services:\n${services}`, "compose.yaml");
const only = (service: string) => {
  const { containers, notes } = imported(
    `  app:\n    image: ${DIGEST}\n    read_only: true\n    ${service}\n`,
  );
  return { container: containers[0]!, notes };
};

describe("a compose file", () => {
  test("limits, health, order and user come over in our words", () => {
    const { containers, notes } = imported(`
  app:
    image: ${DIGEST}
    read_only: true
    user: 1000
    command: serve --port 80 "a b"
    deploy: { resources: { limits: { memory: 512M, cpus: "0.5", pids: 100 } } }
    healthcheck: { test: [CMD, /bin/check], interval: 1m30s, retries: 4 }
    stop_grace_period: 10s
    cap_add: [CAP_NET_BIND_SERVICE]
    depends_on: { db: { condition: service_healthy } }
  db:
    image: ${DIGEST}
    read_only: true
    mem_limit: 1g
    cpus: 1
`);
    expect(notes).toEqual([]);
    expect(containers).toEqual([
      {
        name: "app",
        image: DIGEST,
        command: ["serve", "--port", "80", "a b"],
        memoryMb: 512,
        cpus: 0.5,
        pids: 100,
        health: { command: ["/bin/check"], intervalSeconds: 90, retries: 4 },
        capabilities: ["NET_BIND_SERVICE"],
        user: "1000",
        dependsOn: ["db"],
        stopSeconds: 10,
      },
      { name: "db", image: DIGEST, memoryMb: 1024, cpus: 1 },
    ]);
  });

  test("a published port below 1024 gets another one, and two containers never share a pair", () => {
    const { containers, notes } = imported(`
  a: { image: ${DIGEST}, ports: ["80:8080", "127.0.0.1:9000:9000"] }
  b: { image: ${DIGEST}, ports: ["9001:9000", 7000] }
`);
    expect(containers.map(({ ports }) => ports?.map(({ host }) => host))).toEqual([
      [18_000, 9000],
      [18_002, 18_004],
    ]);
    expect(notes).toContain("a: port 8080 is published on 18000 in place of 80.");
  });

  test.each([
    ["secrets", "environment: { DB_PASSWORD: hunter2 }", /DB_PASSWORD looks like a secret/],
    ["the daemon's socket", "volumes: [/var/run/docker.sock:/x]", /root on the host/],
    ["privilege", "privileged: true", /needs privileged: true and its word/],
    ["what there is nothing for", "gpus: all", /gpus is left out/],
    ["networks", "networks: [front, back]", /networks is left out: a container reaches those it dependsOn/],
    ["another network", "network_mode: none", /network_mode: none is left out/],
    [
      "a way of logging",
      "logging: { driver: json-file, options: { max-size: 1m } }",
      /logging by json-file and its max-size is left out: output goes to the journal/,
    ],
    ["names and labels", "container_name: x\n    labels: [a=b]", /labels is left out/],
    ["copies", "deploy: { replicas: 3 }", /deploy\.replicas is left out/],
    ["a build", "build: .", /build is left out: the image is taken/],
    ["a memory disk", "volumes: [{ type: tmpfs, target: /run }]", /tmpfs on \/run is left out/],
    ["the address of a port", 'ports: ["127.0.0.1:9000:9000"]', /published on 127\.0\.0\.1 only/],
    ["UDP", 'ports: ["53:53/udp"]', /53:53\/udp is left out/],
  ])("%s are left out, and said", (_, service, says) => {
    const { container, notes } = only(service);
    expect(notes.join("\n")).toMatch(says);
    expect(JSON.stringify(container)).not.toMatch(/hunter2|docker\.sock|"privileged"|gpus/);
  });

  test.each([
    ["restart: unless-stopped", undefined],
    ['restart: "no"', "never"],
    ["restart: on-failure:3", "onFailure"],
    ["deploy: { restart_policy: { condition: none } }", "never"],
  ])("%s comes over", (service, restart) => {
    expect(only(service).container.restart).toBe(restart);
  });

  test("what a file says beside its services is left out, and said", () => {
    const { notes } = importCompose(
      `services: { app: { image: "${DIGEST}", read_only: true, mem_limit: 1g, cpus: 1, logging: { driver: none } } }
networks: { front: {} }
volumes: { data: { driver: nfs }, plain: }
secrets: { token: { file: ./token } }
x-common: {}`,
      "compose.yaml",
    );
    expect(notes).toEqual([
      expect.stringMatching(/^networks \(front\) are left out/),
      "volumes.data: driver is left out.",
      "secrets is left out: there is nothing like it here.",
    ]);
  });

  test("named volumes are on the data disk, folders of the machine on the host", () => {
    expect(only('volumes: ["data:/var/lib/x", "./etc:/etc/x:ro"]').container.volumes).toEqual([
      { type: "disk", path: "/srv/data/data", mount: "/var/lib/x" },
      { type: "host", path: "/srv/files/etc", mount: "/etc/x", readOnly: true },
    ]);
  });

  test.each([
    ["services: [", /not valid YAML/],
    ["version: 3", /has no services/],
    ["", /has no services/],
  ])("%j is refused with one sentence", (text, says) => {
    expect(() => importCompose(text, "compose.yaml")).toThrow(says);
  });

  test("units are read as compose reads them", () => {
    expect(["512m", "1.5gb", "1073741824", "64k"].map(megabytes)).toEqual([512, 1536, 1024, 1]);
    expect(["1m30s", "500ms", "10", "2h"].map(seconds)).toEqual([90, 1, 10, 7200]);
    expect(words(`sh -c "echo 'a b' && run" it\\ is`)).toEqual(["sh", "-c", "echo 'a b' && run", "it is"]);
  });
});

describe("a list of machines", () => {
  const list = (lines: string) =>
    readMachineList(`name,cpus,memoryMb,cpuPercent,memoryPercent\n${lines}`, "vms.csv");

  test("each becomes a container with what it used and head-room, on the least host that holds all twice over for the largest", () => {
    const plan = planHosts(list("reports,2,4096,20,40\nMail Server,1,2048,5,30"), 1);
    expect(plan.containers).toEqual([
      { name: "reports", memoryMb: 2048, cpus: 0.5 },
      { name: "mail-server", memoryMb: 768, cpus: 0.1 },
    ]);
    expect(plan.needed).toEqual({ memoryMb: 2 * 2048 + 768, cpus: 1.1 });
    expect(plan.instanceType).toBe("m6i.large");
  });

  test("columns in any order, semicolons, percent signs and quotes are read", () => {
    const text = 'memoryMb;cpus;name;cpuPercent\r\n4096;2;"a ""b""";20 %\r\n';
    expect(readMachineList(text.replace(" %", "%"), "vms.csv")).toEqual([
      { name: 'a "b"', cpus: 2, memoryMb: 4096, cpuPercent: 20, memoryPercent: 100 },
    ]);
  });

  test("every mistake is told with its line", () => {
    expect(() => list("a,two,4096,1,1\na,1,1,101,1")).toThrow(
      /line 2, cpus: got "two".*\n.*line 3, memoryMb: got "1".*\n.*line 3, cpuPercent: got "101".*\n.*"a" is the name of two containers/,
    );
    expect(() => readMachineList("name,cpu\n", "vms.csv")).toThrow(/no column cpus, memoryMb/);
    expect(() => readMachineList("", "vms.csv")).toThrow(/is empty/);
  });

  test("more than the largest host has is not planned", () => {
    expect(planHosts(list("huge,128,1000000,100,100"), 1).instanceType).toBeUndefined();
  });
});
