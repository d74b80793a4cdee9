/**
 * A web machine that really boots: Puppet makes the forwarder of it, the journal is systemd's own, and what is written there
 * is found in a real OpenSearch. The machine has no network, so a socket leads from it to the store.
 */
import { join } from "node:path";
import { syslogNgConfiguration } from "../../components/elk-stack/forwarder/syslog-ng";
import type { DebianMachine } from "../../sandbox/debian";
import { type Cloud, makeCloud } from "../machines/support/cloud";
import { documentOf } from "../machines/support/configuration";
import { bootMachine, eventually, logs } from "../machines/support/machines";
import { Door } from "./support/door";
import { TestStore } from "./support/store";

jest.setTimeout(15 * 60_000);

const PORT = 9200;

/** In the machine: from a port of its own to the socket that both sides see. */
const RELAY = `import socket, threading
def pump(a, b):
    while data := a.recv(65536): b.sendall(data)
    b.shutdown(socket.SHUT_WR)
server = socket.create_server(("127.0.0.1", ${PORT}))
while True:
    client, _ = server.accept()
    store = socket.socket(socket.AF_UNIX); store.connect("/cloud/store.sock")
    for pair in ((client, store), (store, client)): threading.Thread(target=pump, args=pair, daemon=True).start()
`;

let store: TestStore;
let cloud: Cloud;
let relay: Door;
let machine: DebianMachine;

beforeAll(async () => {
  store = await TestStore.start();
  await store.setUp({ applications: ["shop", "containers"] });
  cloud = makeCloud();
  relay = new Door({ path: join(cloud.folder, "store.sock") }, store.port);
  await relay.start();
  const content = syslogNgConfiguration({
    environment: "dev",
    output: { endpoint: `http://127.0.0.1:${PORT}`, authentication: "basic" },
    sources: [
      {
        type: "journal",
        name: "journal",
        application: { unit: "application.service", name: "shop" },
        containers: { application: "containers" },
      },
      { type: "files", name: "files", application: "shop", paths: ["/var/log/*.shop"] },
    ],
  });
  const files = [{ path: "/etc/retrofit/log-forwarder.conf", content, mode: "0640" }];
  const booted = await bootMachine("web-logs", documentOf("web", "dev", { logs }), cloud, {
    packages: ["nodejs"],
    files,
  });
  machine = booted.machine;
  expect(booted.result).toEqual(expect.objectContaining({ result: "succeeded" }));
  await machine.exec(`nohup python3 -c '${RELAY}' > /dev/null 2>&1 &`);
});

afterAll(async () => {
  await machine?.stop();
  relay?.stop();
  cloud?.close();
  await store?.remove();
});

test("its forwarder runs, told by Puppet which machine and release it is on", async () => {
  await eventually(machine, "systemctl is-active syslog-ng", /^active/);
  const { output } = await machine.exec(
    "cat /run/retrofit/log-forwarder.env; stat -c %a /run/retrofit/log-forwarder.env",
  );
  expect(output).toContain('RETROFIT_RELEASE="1.0.0"');
  expect(output).toContain('RETROFIT_MACHINE="i-0123456789abcdef0"');
  expect(output.trim().split("\n").at(-1)).toBe("600");
});

test("the application's output, a unit's line, a sign-in and a file's line arrive once each, in the right stream", async () => {
  await machine.exec(
    "logger -t nightly journal-unit; logger -p auth.info -t sshd journal-auth; echo journal-file >> /var/log/a.shop",
  );
  const own = await store.arrive('message:"shop 1.0.0 listens"', 1, 120);
  const { lines } = await store.arrive("message:(journal-unit OR journal-auth OR journal-file)", 3, 60);
  const by = (word: string) => lines.filter(({ message }) => message === word);
  expect([by("journal-unit").length, by("journal-auth").length, by("journal-file").length]).toEqual([
    1, 1, 1,
  ]);
  expect(own.lines[0]).toMatchObject({
    service: { name: "shop", version: "1.0.0" },
    systemd: { unit: "application.service" },
    host: { id: "i-0123456789abcdef0" },
    retrofit: { role: "web", fleet: "blue" },
  });
  expect(own.lines[0]!._index).toContain("logs-shop-dev");
  expect(by("journal-file")[0]!._index).toContain("logs-shop-dev");
  expect(by("journal-unit")[0]!._index).toContain("logs-system-dev");
  expect(by("journal-auth")[0]).toMatchObject({ event: { dataset: "auth" }, process: { name: "sshd" } });
});

test("a container's line says which container wrote it, and is in a stream of its own", async () => {
  // As Docker's driver for the journal writes it, of a container that a Docker host has started.
  await machine.exec(
    "printf 'MESSAGE=journal-container\\nPRIORITY=6\\nCONTAINER_NAME=reports-0a1b2c3d\\nSYSLOG_IDENTIFIER=docker/reports-0a1b2c3d\\n' | logger --journald",
  );
  const { lines } = await store.arrive('message:"journal-container"', 1, 60);
  expect(lines[0]).toMatchObject({
    service: { name: "reports" },
    event: { dataset: "containers" },
    log: { level: "info" },
    process: { name: "docker/reports-0a1b2c3d" },
  });
  expect(lines[0]!._index).toContain("logs-containers-dev");
});

test("a restart of the machine's forwarder sends nothing twice", async () => {
  await machine.exec("systemctl restart syslog-ng; logger -t nightly after-restart");
  await store.arrive('message:"after-restart"', 1, 60);
  expect(await store.find('message:"journal-unit"')).toHaveLength(1);
  expect(await store.find('message:"shop 1.0.0 listens"')).toHaveLength(1);
});
