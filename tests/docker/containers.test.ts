/**
 * The program that Docker hosts run, on a real Docker daemon with the configuration that hosts get. A daemon needs root,
 * so elsewhere all of this is skipped and said so.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContainerArgs } from "../../components/docker-host";
import { routeKey } from "../../components/docker-host/declaration";
import { DockerEngine, type Json } from "../../sandbox/docker/engine";
import { declared } from "../support/declaration";
import { writeBusyboxImage } from "../support/image-archive";

jest.setTimeout(10 * 60_000);

const PORT = 9000;
/** A folder of the engine's own view. */
const SHARE = "/media/share";
const MACHINES = join(__dirname, "..", "..", "machines");
const PROGRAM = join(MACHINES, "site-modules/profile/files/retrofit-containers");
let daemon: DockerEngine;
let image: string;
let folder: string;
let balancer: ReturnType<DockerEngine["spawnInside"]>;

const root = process.getuid?.() === 0;
if (!root) console.warn("skipped: a Docker daemon needs root");
const test = root ? it : it.skip;

beforeAll(async () => {
  if (!root) return;
  folder = mkdtempSync(join(tmpdir(), "retrofit-docker-"));
  daemon = await DockerEngine.start({ folder, configuration: MACHINES });
  const archive = join(folder, "image.tar");
  image = await writeBusyboxImage(archive);
  daemon.runInside("docker", ["--host", `unix://${daemon.socket}`, "load", "--input", archive]);
  balancer = daemon.spawnInside(process.execPath, [join(__dirname, "balancer.js"), "serve", String(PORT)]);
});

afterAll(async () => {
  balancer?.kill();
  await daemon?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** A web server that answers with its version. */
function web(version: string, more: Partial<ContainerArgs> = {}): ContainerArgs {
  const serve = `echo ${version} > /tmp/index.html && exec busybox httpd -f -p 8080 -h /tmp`;
  return {
    image,
    command: ["/bin/busybox", "sh", "-c", serve],
    memoryMb: 32,
    cpus: 0.5,
    stopSeconds: 1,
    ports: [{ container: 8080, host: 18080, route: { paths: ["/*"], priority: 1, healthPath: "/" } }],
    health: {
      command: ["/bin/busybox", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"],
      intervalSeconds: 1,
    },
    ...more,
  };
}

function idle(more: Partial<ContainerArgs> = {}): ContainerArgs {
  const command = ["/bin/busybox", "sleep", "3600"];
  return { image, command, memoryMb: 16, cpus: 0.2, stopSeconds: 0, ...more };
}

interface Converged {
  code: number | null;
  events: Json[];
}

async function converge(containers: Record<string, ContainerArgs>, seconds = 60): Promise<Converged> {
  const file = join(daemon.folder, "declaration.json");
  const shares = { [SHARE]: {} };
  const { text } = await declared("artifacts", containers, { [routeKey("web", 8080)]: "web" }, shares);
  writeFileSync(file, text);
  return program(["converge", file, "0"], seconds);
}

function program(words: string[], seconds = 60): Promise<Converged> {
  const child = daemon.spawnInside("python3", ["-B", PROGRAM, ...words], {
    RETROFIT_DOCKER_SOCKET: daemon.socket,
    RETROFIT_REGISTRAR: join(__dirname, "registrar.js"),
    RETROFIT_TEST_TARGETS: `http://127.0.0.1:${PORT + 1}`,
    RETROFIT_READY_SECONDS: String(seconds),
  });
  let output = "";
  let trouble = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    trouble += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("close", (code) => {
      if (trouble) reject(new Error(trouble));
      resolve({
        code,
        // Whole lines only: one that was killed may have left half of one.
        events: output
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line)),
      });
    });
  });
}

async function named(name: string): Promise<Json> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`retrofit.container=${name}`] }));
  const found = await daemon.call("GET", `/containers/json?all=1&filters=${filters}`);
  expect(found).toHaveLength(1);
  return daemon.call("GET", `/containers/${found[0].Id}/json`);
}

/** Asks all the time while something is done; returns how often each answer came. */
async function underLoad(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const load = daemon.spawnInside(process.execPath, [join(__dirname, "balancer.js"), "load", String(PORT)]);
  let output = "";
  load.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  const ended = new Promise((resolve) => load.once("close", resolve));
  await work();
  load.stdin?.end();
  await ended;
  return JSON.parse(output);
}

test("a container comes up with the limits that were declared, without capabilities, and cannot gain any", async () => {
  const { code, events } = await converge({ web: web("1") });
  expect(code).toBe(0);
  expect(events.at(-1)).toEqual({ event: "converged", containers: 1, started: 1 });
  const { HostConfig, State } = await named("web");
  expect(State.Health.Status).toBe("healthy");
  expect(HostConfig).toMatchObject({
    Memory: 32 << 20,
    NanoCpus: 500_000_000,
    PidsLimit: 256,
    ReadonlyRootfs: true,
    CapDrop: ["ALL"],
    Privileged: false,
  });
  const status = daemon.exec(
    "web-".concat((await named("web")).Config.Labels["retrofit.hash"].slice(0, 8)),
    "busybox cat /proc/1/status",
  ).stdout;
  expect(status).toMatch(/NoNewPrivs:\t1/);
  expect(status).toMatch(/CapEff:\t0{16}/);
});

test("root in a container is nobody on the host", async () => {
  const { State } = await named("web");
  const [uid] = daemon
    .runInside("stat", ["-c", "%u", `/proc/${State.Pid}`])
    .stdout.trim()
    .split("\n");
  expect(Number(uid)).toBeGreaterThanOrEqual(100_000);
});

test("the same declaration again starts nothing", async () => {
  const before = await named("web");
  const { events } = await converge({ web: web("1") });
  expect(events).toEqual([{ event: "converged", containers: 1, started: 0 }]);
  expect((await named("web")).Id).toBe(before.Id);
});

test("a new version takes over without a failed request", async () => {
  const answers = await underLoad(async () => {
    const { code } = await converge({ web: web("2") });
    expect(code).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
  });
  expect(Object.keys(answers).sort()).toEqual(["200 1", "200 2"]);
});

test("a version that does not get healthy is removed, the old one goes on, and its last lines are told", async () => {
  const broken = web("3", { command: ["/bin/busybox", "sh", "-c", "echo no such database >&2; exit 7"] });
  const before = await named("web");
  let result: Converged | undefined;
  const answers = await underLoad(async () => {
    result = await converge({ web: broken });
  });
  expect(result?.code).toBe(1);
  expect(result?.events.at(-1).error).toContain("no such database");
  expect(Object.keys(answers)).toEqual(["200 2"]);
  expect((await named("web")).Id).toBe(before.Id);
});

test("an update that was killed in the middle is finished by the next run", async () => {
  const child = converge({
    web: web("4", { health: { ...web("4").health!, startSeconds: 0, intervalSeconds: 3 } }),
  });
  await new Promise((resolve) => setTimeout(resolve, 1200));
  daemon.runInside("pkill", ["-KILL", "-f", PROGRAM]);
  await child.catch(() => undefined);
  const answers = await underLoad(async () => {
    expect((await converge({ web: web("4") })).code).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
  });
  expect(Object.keys(answers).every((answer) => /^200 [24]$/.test(answer))).toBe(true);
  await named("web");
});

test("a container reaches those it depends on by name, and no other", async () => {
  const { code } = await converge({
    web: web("4"),
    front: idle({ dependsOn: ["web"] }),
    stranger: idle(),
  });
  expect(code).toBe(0);
  const web4 = await named("web");
  // A static busybox cannot resolve names, so Node asks from where the container is.
  const ask = async (name: string, host: string) => {
    const program = `
      const resolver = new (require("node:dns").Resolver)({ timeout: 1000, tries: 2 });
      resolver.setServers(["127.0.0.11"]);
      const get = (address) => require("node:http")
        .get({ host: address, port: 8080, timeout: 3000 }, (answer) => answer.pipe(process.stdout))
        .on("timeout", () => process.exit(1)).on("error", () => process.exit(1));
      if (/^[0-9.]+$/.test(process.argv[1])) get(process.argv[1]);
      else resolver.resolve4(process.argv[1], (error, found) => (error ? process.exit(1) : get(found[0])));`;
    const { State } = await named(name);
    return daemon.runInside("nsenter", [
      `--net=/proc/${State.Pid}/ns/net`,
      process.execPath,
      "-e",
      program,
      host,
    ]);
  };
  expect((await ask("front", "web")).stdout).toBe("4\n");
  const address = web4.NetworkSettings.Networks.retrofit.IPAddress;
  expect(await ask("stranger", "web")).toMatchObject({ status: 1, stdout: "" });
  expect(await ask("stranger", address)).toMatchObject({ status: 1, stdout: "" });
});

test("a container that eats memory is killed, alone", async () => {
  const greedy = idle({
    command: ["/bin/busybox", "sh", "-c", "sleep 7; exec busybox tail -c 64000000 /dev/zero"],
  });
  const web4 = await named("web");
  expect((await converge({ web: web("4"), greedy })).code).toBe(0);
  const killed = await until(async () => {
    const { RestartCount, State } = await named("greedy");
    return RestartCount > 0 || State.OOMKilled;
  });
  expect(killed).toBe(true);
  expect((await named("web")).State).toMatchObject({ Running: true, StartedAt: web4.State.StartedAt });
});

test("a container is started again, and logs, as it says: not at all here, and its failure is told at once", async () => {
  const once = idle({
    restart: "never",
    log: "none",
    command: ["/bin/busybox", "sh", "-c", "sleep 3"],
    health: { command: ["/bin/busybox", "true"], intervalSeconds: 1 },
  });
  const { code, events } = await converge({ web: web("4"), once });
  expect([code, events.at(-1).event]).toEqual([0, "converged"]);
  expect(
    await until(async () => {
      const { HostConfig, RestartCount, State } = await named("once");
      expect([HostConfig.LogConfig.Type, RestartCount]).toEqual(["none", 0]);
      return State.Status === "exited";
    }),
  ).toBe(true);
  const failing = idle({ restart: "onFailure", log: "local", command: ["/bin/busybox", "true"] });
  const failed = await converge({ web: web("4"), failing });
  expect(failed.events.at(-1).error).toMatch(
    /failing did not get healthy \(exited, exit code 0, restarted 0/,
  );
});

test("a container is started only while its share is mounted, and what it writes is on the share", async () => {
  const volumes = [{ type: "share" as const, path: `${SHARE}/reports`, mount: "/reports" }];
  const writer = idle({
    volumes,
    command: ["/bin/busybox", "sh", "-c", "echo kept > /reports/file && exec busybox sleep 3600"],
  });
  daemon.runInside("mkdir", ["-p", SHARE]);
  const { code, events } = await converge({ web: web("4"), writer });
  expect(code).toBe(1);
  expect(events.at(-1).error).toContain(`writer: ${SHARE} is not mounted on this host`);
  expect(daemon.runInside("ls", [SHARE]).stdout).toBe("");
  daemon.runInside("mount", ["-t", "tmpfs", "share", SHARE]);
  expect((await converge({ web: web("4"), writer })).events.at(-1)).toMatchObject({ event: "converged" });
  expect(daemon.runInside("cat", [`${SHARE}/reports/file`]).stdout).toBe("kept\n");
  // As when the machine boots and the share does not come: the daemon makes no folder of its own in its place.
  const { Id } = await named("writer");
  await daemon.call("POST", `/containers/${Id}/stop?t=0`);
  daemon.runInside("umount", [SHARE]);
  await expect(daemon.call("POST", `/containers/${Id}/start`)).rejects.toThrow(/reports/);
  expect(daemon.runInside("ls", [SHARE]).stdout).toBe("");
});

test("containers that are no longer declared go away", async () => {
  const { events } = await converge({ web: web("4") });
  expect(events.map(({ event, container }) => [event, container])).toContainEqual(["removed", "writer"]);
  expect(await daemon.call("GET", "/containers/json?all=1")).toHaveLength(1);
});

test("containers answer while the daemon is down, and are the same ones when it is back", async () => {
  const before = await named("web");
  await daemon.halt();
  const answers = await underLoad(() => new Promise((resolve) => setTimeout(resolve, 1000)));
  expect(Object.keys(answers)).toEqual(["200 4"]);
  await daemon.launch();
  expect((await named("web")).State.StartedAt).toBe(before.State.StartedAt);
});

test("a container that writes to a disk never runs twice, and the old one is started again when the new one fails", async () => {
  const data = join(daemon.folder, "disk");
  mkdirSync(data, { mode: 0o777 });
  const volumes = [{ type: "disk" as const, path: data, mount: "/data" }];
  const first = await converge({ web: web("5", { volumes }) });
  expect(first).toMatchObject({ code: 0, events: [{ event: "starting" }, { event: "healthy" }, {}, {}] });
  const before = await named("web");
  const broken = web("6", { volumes, command: ["/bin/busybox", "false"] });
  const { code, events } = await converge({ web: broken });
  expect(code).toBe(1);
  expect(events).toContainEqual(expect.objectContaining({ event: "put back" }));
  const after = await named("web");
  expect(after.Config.Labels["retrofit.hash"]).toBe(before.Config.Labels["retrofit.hash"]);
  expect(after.State.Health.Status).toBe("healthy");
  expect(
    Object.keys(await underLoad(async () => new Promise((resolve) => setTimeout(resolve, 300)))),
  ).toEqual(["200 5"]);
});

test("a host that is drained serves nothing more and has stopped its containers", async () => {
  expect((await program(["drain"])).events.at(-1)).toEqual({ event: "drained", containers: 1 });
  expect((await named("web")).State.Running).toBe(false);
});

async function until(condition: () => Promise<boolean>, seconds = 40): Promise<boolean> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    if (await condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return false;
}
