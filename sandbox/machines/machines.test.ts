import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { create } from "tar";
import { application, sleep, state, until } from "../../tests/support/sandbox";
import { EventLog } from "../daemon/events";
import type { CommandResult, EmulatedCommand, EmulatedInstance } from "../emulated";
import { documentPath } from "./first-boot";
import { Machines } from "./machines";

jest.setTimeout(30_000);

let folder: string;
let machines: Machines;
let events: EventLog;
let busy: Set<string>;
let fetched: string[];
let store: Map<string, Buffer>;
let reported: ({ id: string } & CommandResult)[];
let control: { path: string; close(): void };
let s3: { port: number; close(): Promise<void> };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "retrofit-machines-"));
  events = new EventLog();
  busy = new Set();
  fetched = [];
  reported = [];
  control = unitControl(join(folder, "control.sock"));
  store = new Map();
  s3 = await application((request, response) => {
    const key = (request.url ?? "").split("?")[0]!;
    fetched.push(key);
    const object = store.get(key);
    if (object !== undefined) response.end(object);
    else
      response
        .writeHead(404, { "Content-Type": "application/xml" })
        .end("<Error><Code>NoSuchKey</Code></Error>");
  });
  machines = newMachines();
});
afterEach(async () => {
  await machines.close();
  await s3.close();
  control.close();
  rmSync(folder, { recursive: true });
});

function newMachines(): Machines {
  return new Machines({
    folder,
    events,
    connection: {
      endpoint: `http://127.0.0.1:${s3.port}`,
      region: "eu-central-1",
      accessKeyId: "a",
      secretAccessKey: "b",
    },
    environment: { MARK: "marked" },
    isBusy: (id) => busy.has(id),
    control: control.path,
    reportCommand: async (command, result) => {
      reported.push({ id: command.id, ...result });
    },
    log: () => {},
    restarts: { waitMilliseconds: 50, tries: 2, steadyMilliseconds: 60_000 },
  });
}

/** An application that tells its environment, in an archive in the store. */
async function artifact(script = ""): Promise<{ bucket: string; key: string; sha256: string }> {
  const source = mkdtempSync(join(folder, "source-"));
  writeFileSync(
    join(source, "server.js"),
    `${script}
     require("http").createServer((q, r) => r.end(JSON.stringify({ ...process.env, cwd: process.cwd() })))
       .listen(Number(process.env.PORT), process.env.HOST, () => console.log("listens"));`,
  );
  const file = join(folder, "artifact.tar.gz");
  await create({ file, cwd: source, gzip: true }, ["."]);
  const content = readFileSync(file);
  const sha256 = createHash("sha256").update(content).digest("hex");
  store.set(`/releases/${sha256}`, content);
  return { bucket: "releases", key: sha256, sha256 };
}

const port = 18_180;
let lastId = 0;

function instance(
  from: { bucket: string; key: string; sha256: string } | undefined,
  command = "node server.js",
): EmulatedInstance {
  const document = {
    environment: "dev",
    release: "1.1.0",
    application: { name: "shop", command, port, environment: { K: "v" }, artifact: from },
  };
  const content = JSON.stringify({
    write_files: [{ path: documentPath, content: JSON.stringify(document) }],
  });
  const id = `i-${process.pid.toString(16)}${(++lastId).toString(16)}`;
  return {
    id,
    state: "running",
    userData: from === undefined ? null : `#cloud-config\n${content}`,
    tags: {},
  };
}

const apply = (...instances: EmulatedInstance[]) => machines.apply(state("127.0.0.1", [], [], instances));

/** The part of the daemon that commands on machines talk to. */
function unitControl(path: string): { path: string; close(): void } {
  const server = createServer((socket) => {
    createInterface({ input: socket }).on("line", (line) => {
      const { id, input } = JSON.parse(line) as {
        id: number;
        input: { instanceId: string; verb: "restart" };
      };
      void machines
        .get(input.instanceId)!
        .unit(input.verb)
        .then((result) => socket.write(`${JSON.stringify({ id, result })}\n`));
    });
  }).listen(path);
  return { path, close: () => server.close() };
}

/** Has a machine run a script, as the emulator's state would, and gives how it went. */
async function run(on: EmulatedInstance, script: string, more: Partial<EmulatedCommand> = {}) {
  const command: EmulatedCommand = {
    id: `command-${++lastId}`,
    instanceId: on.id,
    status: "Pending",
    commands: [script],
    workingDirectory: null,
    timeoutSeconds: 20,
    ...more,
  };
  machines.apply(state("127.0.0.1", [], [], [on], [command]));
  const end = () => reported.find(({ id, status }) => id === command.id && status !== "InProgress");
  await until("the command has ended", () => end() !== undefined, 25);
  return end() as Exclude<CommandResult, { status: "InProgress" }>;
}
const stateOf = (id: string) => machines.list().find((machine) => machine.id === id)?.state;
const addressOf = (id: string) => machines.list().find((machine) => machine.id === id)!.address;
const consoleOf = (id: string) => readFileSync(join(folder, "machines", id, "console.log"), "utf8");
const answers = (address: string) =>
  fetch(`http://${address}:${port}/`).then(
    (response) => response.json() as Promise<Record<string, string>>,
    () => undefined,
  );

test("a machine fetches its release, verifies it, and runs it on its own address with what the document says", async () => {
  const web = instance(await artifact());
  apply(web);
  await until("it runs", () => stateOf(web.id) === "running");
  expect(await answers(addressOf(web.id))).toMatchObject({
    HOST: addressOf(web.id),
    PORT: String(port),
    RELEASE: "1.1.0",
    ENVIRONMENT: "dev",
    MACHINE_ID: web.id,
    K: "v",
    MARK: "marked",
    cwd: join(folder, "machines", web.id, "root/opt/shop/1.1.0"),
  });
  expect(addressOf(web.id)).toMatch(/^127\.81\./);
  expect(consoleOf(web.id)).toContain("listens");
  expect(events.since(0).map((event) => event.type)).toEqual(["machine.booting", "machine.started"]);
});

test("machines of one release share a download, are each at their own address, and keep it over a restart", async () => {
  const from = await artifact();
  const all = [
    instance(from),
    instance(from),
    instance(from),
    instance(from),
    instance(from),
    instance(from),
  ];
  apply(...all);
  await until("all run", () => all.every(({ id }) => stateOf(id) === "running"));
  expect(fetched).toHaveLength(1);
  const addresses = all.map(({ id }) => addressOf(id));
  expect(new Set(addresses).size).toBe(6);

  await machines.close();
  machines = newMachines();
  apply(...all);
  await until("all run again", () => all.every(({ id }) => stateOf(id) === "running"));
  expect(all.map(({ id }) => addressOf(id))).toEqual(addresses);
  expect(fetched).toHaveLength(1);
});

test("an artifact with another sum is not started, and the console says so", async () => {
  const from = await artifact();
  const web = instance({ ...from, sha256: "0".repeat(64) });
  apply(web);
  await until("it has failed", () => stateOf(web.id) === "failed");
  expect(consoleOf(web.id)).toContain(`has the SHA-256 ${from.sha256}`);
  expect(await answers(addressOf(web.id))).toBeUndefined();
});

test("a kept artifact that was damaged on disk is fetched again", async () => {
  const from = await artifact();
  mkdirSync(join(folder, "artifacts"), { recursive: true });
  writeFileSync(join(folder, "artifacts", `${from.sha256}.tar.gz`), "damaged");
  const web = instance(from);
  apply(web);
  await until("it runs", () => stateOf(web.id) === "running");
  expect(fetched).toHaveLength(1);
});

test("a missing artifact fails the machine, and the console names it", async () => {
  const web = instance({ bucket: "releases", key: "none", sha256: "0".repeat(64) });
  apply(web);
  await until("it has failed", () => stateOf(web.id) === "failed");
  expect(consoleOf(web.id)).toContain("cannot fetch s3://releases/none");
});

test("an application that crashes is started again, and stays down after too many times", async () => {
  const steady = instance(await artifact());
  apply(steady);
  await until("it runs", () => stateOf(steady.id) === "running");
  machines.get(steady.id)!.killProcess();
  await until("it was down", () => stateOf(steady.id) === "restarting");
  await until("it runs again", () => stateOf(steady.id) === "running");

  const crashing = instance(await artifact("throw new Error('no database');"));
  apply(steady, crashing);
  await until("it was given up", () => stateOf(crashing.id) === "failed");
  expect(consoleOf(crashing.id).match(/Error: no database/g)).toHaveLength(3);
});

test("an instance without a document is an idle machine", async () => {
  const bastion = instance(undefined);
  apply(bastion);
  await until("it is idle", () => stateOf(bastion.id) === "idle");
});

test("a terminated machine runs on while requests are open, then ends with all its processes", async () => {
  const child = `require("child_process").spawn("sleep", ["987"], { stdio: "ignore" }); console.log("group", process.pid);`;
  const web = instance(await artifact(child), "node server.js; true");
  apply(web);
  await until("it runs", () => stateOf(web.id) === "running");
  const address = addressOf(web.id);
  const session = machines.get(web.id)!.session!;
  busy.add(web.id);
  apply();
  await sleep(900);
  expect(await answers(address)).toMatchObject({ MACHINE_ID: web.id });

  busy.delete(web.id);
  await until("it is gone", () => stateOf(web.id) === undefined);
  expect(await answers(address)).toBeUndefined();
  expect(() => process.kill(-session, 0)).toThrow("ESRCH");
  expect(existsSync(join(folder, "machines", web.id))).toBe(false);
  expect(events.since(0).map((event) => event.type)).toContain("machine.stopped");
});

test("the console of a failed machine is kept when the machine goes", async () => {
  const web = instance({ bucket: "releases", key: "none", sha256: "0".repeat(64) });
  apply(web);
  await until("it has failed", () => stateOf(web.id) === "failed");
  apply();
  await until("it is gone", () => stateOf(web.id) === undefined);
  const kept = readdirSync(join(folder, "logs", "machines"));
  expect(kept).toEqual([expect.stringContaining(web.id)]);
});

test("the processor time of a busy machine is seen", async () => {
  const burning = instance(
    await artifact("setInterval(() => { const end = Date.now() + 45; while (Date.now() < end); }, 50);"),
  );
  burning.autoScalingGroup = "web";
  apply(burning);
  await until("it runs", () => stateOf(burning.id) === "running");
  machines.metrics();
  await sleep(1_000);
  const metrics = machines.metrics();
  expect(metrics.map((metric) => metric.dimensions)).toEqual([
    { InstanceId: burning.id },
    { AutoScalingGroupName: "web" },
  ]);
  expect(metrics[0]).toMatchObject({ namespace: "AWS/EC2", name: "CPUUtilization", unit: "Percent" });
  expect(metrics[0]!.value).toBeGreaterThan(10);
  expect(metrics[0]!.value).toBeLessThanOrEqual(100);
});

describe("commands on a machine", () => {
  test("run in the machine's root with what user data wrote there, and tell exit code and both outputs", async () => {
    const bastion = instance(undefined);
    bastion.userData = `#cloud-config\n${JSON.stringify({
      write_files: [
        {
          path: "/usr/local/bin/hello",
          permissions: "0755",
          content: "#!/bin/sh\necho $1 on $(cat $RETROFIT_ROOT/var/lib/cloud/data/instance-id)\n",
        },
      ],
    })}`;
    apply(bastion);
    const told = await run(bastion, '"$RETROFIT_ROOT/usr/local/bin/hello" hello\npwd >&2\nexit 3');
    expect(told).toMatchObject({
      status: "Failed",
      exitCode: 3,
      stdout: `hello on ${bastion.id}\n`,
      stderr: `${join(folder, "machines", bastion.id, "root")}\n`,
    });
    expect(reported.map(({ status }) => status)).toEqual(["InProgress", "Failed"]);
  });

  test("a command that takes too long is ended with all that it started", async () => {
    const bastion = instance(undefined);
    apply(bastion);
    const told = await run(bastion, "sleep 986 & echo $! > child; wait", { timeoutSeconds: 0.5 });
    expect(told.status).toBe("TimedOut");
    const child = Number(readFileSync(join(folder, "machines", bastion.id, "root", "child"), "utf8"));
    await until("its child is gone", () => !existsSync(`/proc/${child}`));
  });

  test("a command is run once however often it is seen, and can be cancelled", async () => {
    const bastion = instance(undefined);
    apply(bastion);
    const seen: EmulatedCommand = {
      id: "twice",
      instanceId: bastion.id,
      status: "Pending",
      commands: ["echo run >> runs; sleep 985"],
      workingDirectory: null,
      timeoutSeconds: 60,
    };
    const look = (status: EmulatedCommand["status"]) =>
      machines.apply(state("127.0.0.1", [], [], [bastion], [{ ...seen, status }]));
    look("Pending");
    look("Pending");
    look("InProgress");
    const runs = join(folder, "machines", bastion.id, "root", "runs");
    await until("it runs", () => existsSync(runs));
    look("Cancelling");
    await until("it was cancelled", () => reported.some(({ status }) => status === "Cancelled"));
    look("Cancelling");
    await sleep(100);
    expect(readFileSync(runs, "utf8")).toBe("run\n");
    expect(reported.map(({ status }) => status)).toEqual(["InProgress", "Cancelled"]);
  });

  test("one that a former daemon had begun is told as failed, not run again", async () => {
    const bastion = instance(undefined);
    apply(bastion);
    const told = await run(bastion, "echo again", { status: "InProgress" });
    expect(told).toMatchObject({
      status: "Failed",
      stdout: "",
      stderr: expect.stringContaining("restarted"),
    });
  });

  test("what runs on a machine that goes ends with it", async () => {
    const bastion = instance(undefined);
    apply(bastion);
    const command: EmulatedCommand = {
      id: "endless",
      instanceId: bastion.id,
      status: "Pending",
      commands: ["echo $$ > pid; sleep 984"],
      workingDirectory: null,
      timeoutSeconds: 60,
    };
    machines.apply(state("127.0.0.1", [], [], [bastion], [command]));
    const file = join(folder, "machines", bastion.id, "root", "pid");
    await until("it runs", () => existsSync(file) && readFileSync(file, "utf8") !== "");
    const pid = Number(readFileSync(file, "utf8"));
    apply();
    await until("it is gone", () => !existsSync(`/proc/${pid}`));
    expect(reported.map(({ status }) => status)).toEqual(["InProgress"]);
  });

  test("the application is restarted with another release, and stays so over a restart of the sandbox", async () => {
    const from = await artifact();
    const web = instance(from);
    apply(web);
    await until("it runs", () => stateOf(web.id) === "running");
    const script = `
      set -e
      aws --region "$AWS_REGION" s3 cp --no-progress s3://${from.bucket}/${from.key} new.tar.gz
      mkdir -p opt/shop/1.2.0 && tar -xzf new.tar.gz -C opt/shop/1.2.0
      sed -i s/1.1.0/1.2.0/ etc/retrofit/machine.json
      systemctl daemon-reload
      systemctl restart application.service
      systemctl is-active application.service`;
    expect(await run(web, script)).toMatchObject({ status: "Success", stdout: "active\n", stderr: "" });
    await until("it runs", () => stateOf(web.id) === "running");
    expect(await answers(addressOf(web.id))).toMatchObject({
      RELEASE: "1.2.0",
      cwd: join(folder, "machines", web.id, "root/opt/shop/1.2.0"),
    });
    expect(machines.releaseOf(web.id)).toBe("1.2.0");

    await machines.close();
    machines = newMachines();
    apply(web);
    await until("it runs again", () => stateOf(web.id) === "running");
    expect(await answers(addressOf(web.id))).toMatchObject({ RELEASE: "1.2.0" });
  });
});
