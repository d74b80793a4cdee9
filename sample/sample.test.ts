import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { until } from "../tests/support/sandbox";

jest.setTimeout(30_000);

let running: ChildProcess | undefined;
let url: string;

async function start(folder: string): Promise<ChildProcess> {
  const port = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
  url = `http://127.0.0.1:${port}`;
  const env = { PATH: process.env.PATH, HOST: "127.0.0.1", PORT: String(port), MACHINE_ID: "i-1" };
  running = spawn(process.execPath, [join(__dirname, folder, "server.js")], { env, stdio: "ignore" });
  await until("it listens", () =>
    fetch(`${url}/healthz`).then(
      () => true,
      () => false,
    ),
  );
  return running;
}

afterEach(() => running?.kill("SIGKILL"));

const status = async (path: string) => (await fetch(url + path)).status;

test.each(["1.0.0", "1.1.0"])("release %s says which it is, everywhere", async (version) => {
  await start(`releases/${version}`);
  for (const path of ["/", "/healthz", "/api/version", "/api/products", "/nowhere"]) {
    expect((await fetch(url + path)).headers.get("x-release")).toBe(version);
  }
  expect(await (await fetch(`${url}/`)).text()).toContain(`release ${version}`);
  expect(await (await fetch(`${url}/api/version`)).json()).toEqual({ version, machine: "i-1" });
  expect(await status("/nowhere")).toBe(404);
});

test("without a session store a visitor is still served, and keeps his cookie", async () => {
  await start("releases/1.1.0");
  const first = await fetch(`${url}/session`);
  expect(await first.json()).toEqual({ count: null, release: "1.1.0", machine: "i-1" });
  const cookie = first.headers.get("set-cookie")!.split(";")[0]!;
  const second = await fetch(`${url}/session`, { headers: { cookie } });
  expect(second.headers.get("set-cookie")).toContain(cookie);
});

test("without a store for files the shop runs, and says so to whoever uploads", async () => {
  await start("releases/1.1.0");
  const upload = await fetch(`${url}/files?name=orders.csv`, { method: "POST", body: "1;Lamp\n" });
  expect([upload.status, await upload.text()]).toEqual([503, "no store for files"]);
  expect(await (await fetch(`${url}/files`)).json()).toEqual({});
});

test.each(["sessions.js", "files.js"])("both releases have the same %s", (file) => {
  const [one, other] = ["1.0.0", "1.1.0"].map((version) =>
    readFileSync(join(__dirname, "releases", version, file), "utf8"),
  );
  expect(one).toBe(other);
});

test("1.2.0 is healthy, but its page fails", async () => {
  await start("releases/1.2.0");
  expect([await status("/healthz"), await status("/")]).toEqual([200, 500]);
});

test("never-healthy serves its page, but its health check fails", async () => {
  await start("broken/never-healthy");
  expect([await status("/healthz"), await status("/")]).toEqual([503, 200]);
});

test("fails-under-load passes a smoke test, fails in part after tens of requests, and stays healthy", async () => {
  await start("broken/fails-under-load");
  const pages: number[] = [];
  for (let i = 0; i < 100; i++) pages.push(await status("/"));
  expect(new Set(pages.slice(0, 40))).toEqual(new Set([200]));
  expect(pages.slice(40).filter((each) => each === 500)).toHaveLength(20);
  expect(await status("/healthz")).toBe(200);
});

test("on SIGTERM a request under way is answered, a new connection refused, and the process ends by itself", async () => {
  const shop = await start("releases/1.1.0");
  const ended = new Promise((resolve) => shop.once("exit", resolve));
  const slow = fetch(`${url}/slow?ms=700`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  shop.kill("SIGTERM");
  await until("it refuses", () =>
    fetch(`${url}/healthz`, { keepalive: false }).then(
      () => false,
      () => true,
    ),
  );
  const answer = await slow;
  expect([answer.status, await answer.text()]).toEqual([200, "done"]);
  expect(await ended).toBe(0);
});
