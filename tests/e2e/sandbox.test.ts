import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  injectFault,
  sandboxEnvironment,
  sandboxStatus,
  startSandbox,
  stopSandbox,
  watchSandbox,
} from "../../sandbox";
import { markedProcesses, sandboxMarker } from "../../sandbox/daemon/processes";
import { sandboxFiles } from "../../sandbox/folders";
import { Account, type Frontend, type Release } from "../support/fleet";
import { sleep, until } from "../support/sandbox";

jest.setTimeout(10 * 60_000);

const root = join(__dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "retrofit-e2e-"));
const children: ChildProcess[] = [];

beforeAll(() => {
  process.env.RETROFIT_SANDBOX = folder;
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await stopSandbox();
  rmSync(folder, { recursive: true, force: true });
});

/** Everything of this sandbox that runs: by its marker, and the guardian, which has none, by its arguments. */
function processes(): string[] {
  const { key } = sandboxFiles();
  const guardians = readdirSync("/proc").filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(
        `retrofit-guardian\0${sandboxMarker}=${key}-`,
      );
    } catch {
      return false;
    }
  });
  const commands = [...markedProcesses(sandboxMarker, `${key}-`), ...guardians].map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    } catch {
      return "";
    }
  });
  return commands.filter((command) => command !== "");
}

/** A process that starts or joins the sandbox with a lease, starts a child with its environment, and stays. */
async function leaseholder(): Promise<{ child: ChildProcess; daemon: number }> {
  const program = `
    require("ts-node").register({ project: "tsconfig.json", swc: true });
    const { startSandbox, sandboxStatus } = require("./sandbox");
    startSandbox({ lease: true }).then(async (sandbox) => {
      require("child_process").spawn("sleep", ["4321"], { env: { ...process.env, ...sandbox.env }, detached: true });
      console.log("daemon " + (await sandboxStatus()).pid);
      setInterval(() => {}, 1000);
    }, (error) => console.log("failed: " + error.message));`;
  const child = spawn(process.execPath, ["-e", program], {
    cwd: root,
    env: { ...process.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  let said = "";
  child.stdout!.on("data", (chunk) => {
    said += chunk;
  });
  await until("the leaseholder has the sandbox", () => /\n/.test(said), 100);
  return { child, daemon: Number(/daemon (\d+)/.exec(said)?.[1]) };
}

const release = async (url: string) => (await fetch(url)).headers.get("x-release");

describe("leases", () => {
  test("two that start at once share one daemon; it and what they started end with the last of them, killed or not", async () => {
    const [first, second] = await Promise.all([leaseholder(), leaseholder()]);
    expect(first.daemon).toBeGreaterThan(0);
    expect(second.daemon).toBe(first.daemon);
    expect(processes().filter((command) => command === "sleep 4321")).toHaveLength(2);

    first.child.kill("SIGKILL");
    await until(
      "its child is ended",
      () => processes().filter((command) => command === "sleep 4321").length === 1,
    );
    await sleep(3_000);
    expect(await sandboxStatus()).toMatchObject({ running: true, leased: true, pid: first.daemon });

    second.child.kill("SIGKILL");
    await until("nothing is left", () => processes().length === 0, 15);
    expect(await sandboxStatus()).toEqual({ running: false, machines: [], listeners: [], servers: [] });
  });

  test("a lease that is closed lets the sandbox end; a start without a lease keeps it", async () => {
    const leased = await startSandbox({ lease: true });
    const kept = await startSandbox({ lease: false });
    expect(kept.endpoint).toBe(leased.endpoint);
    await leased.close();
    await sleep(3_000);
    expect(await sandboxStatus()).toMatchObject({ running: true, leased: false });
    expect(await stopSandbox()).toEqual({ stopped: true });
    expect(processes()).toEqual([]);
    expect(await stopSandbox()).toEqual({ stopped: false });

    await (await startSandbox({ lease: true })).close();
    await until("it has ended", async () => !(await sandboxStatus()).running, 10);
  });

  test("without a sandbox its environment is refused with what to do", async () => {
    await expect(sandboxEnvironment()).rejects.toMatchObject({
      hint: expect.stringContaining("retrofit sandbox start"),
    });
  });
});

describe("machines behind a load balancer", () => {
  let account: Account;
  let frontend: Frontend;
  let live: Release;

  beforeAll(async () => {
    const sandbox = await startSandbox({ lease: false });
    account = new Account(sandbox.endpoint);
    frontend = await account.frontend();
    live = await account.release(frontend, join(root, "sample/releases/1.0.0"), "1.0.0", 2);
    await account.weights(frontend, [[live, 1]]);
    await until("its machines are healthy", async () => (await account.healthy(live)).length === 2, 30);
  });

  test("the release is served, and the environment printed leads to it", async () => {
    expect(await release(frontend.url)).toBe("1.0.0");
    const status = await sandboxStatus();
    expect(status.machines.map((machine) => [machine.release, machine.state])).toEqual([
      ["1.0.0", "running"],
      ["1.0.0", "running"],
    ]);
    expect(status.listeners).toEqual([{ address: frontend.url.slice(7), port: 80, url: frontend.url }]);
    expect(await sandboxEnvironment()).toMatchObject({
      AWS_ENDPOINT_URL: status.endpoint,
      AWS_REGION: "eu-central-1",
      PULUMI_BACKEND_URL: `file://${folder}/state`,
    });
  });

  test("a second release is taken in and the first away without a failed request, and it is told", async () => {
    const seen: string[] = [];
    const failures: unknown[] = [];
    let running = true;
    const load = (async () => {
      while (running) {
        await fetch(frontend.url).then(
          (response) =>
            response.ok ? seen.push(response.headers.get("x-release")!) : failures.push(response.status),
          (error) => failures.push(error),
        );
      }
    })();
    const types: string[] = [];
    const stop = await watchSandbox((event) => types.push(event.type));
    const next = await account.release(frontend, join(root, "sample/releases/1.1.0"), "1.1.0", 2);
    await account.weights(frontend, [
      [live, 1],
      [next, 0],
    ]);
    await until("the new machines are healthy", async () => (await account.healthy(next)).length === 2, 30);
    await account.weights(frontend, [
      [live, 1],
      [next, 1],
    ]);
    await until("both are seen", () => new Set(seen).size === 2);
    await account.weights(frontend, [[next, 1]]);
    await account.remove(live);
    await until(
      "the former machines are gone",
      async () => (await sandboxStatus()).machines.length === 2,
      20,
    );
    running = false;
    await load;
    stop();
    expect(failures).toEqual([]);
    expect(seen[0]).toBe("1.0.0");
    expect(seen.at(-1)).toBe("1.1.0");
    expect(types).toEqual(
      expect.arrayContaining(["weights", "machine.started", "target.healthy", "machine.stopped"]),
    );
    live = next;
  });

  test("while the emulator is killed and comes back requests are answered, and its state is as before", async () => {
    const statuses: number[] = [];
    const before = await account.healthy(live);
    let lost = false;
    let ready = false;
    const stop = await watchSandbox((event) => {
      if (event.type === "emulator.lost") lost = true;
      if (event.type === "emulator.ready") ready = true;
    });
    await injectFault({ kind: "restartEmulator" });
    await until(
      "it is back",
      async () => {
        statuses.push((await fetch(frontend.url)).status);
        return lost && ready;
      },
      60,
    );
    stop();
    expect(new Set(statuses)).toEqual(new Set([200]));
    await until(
      "its targets are healthy as before",
      async () => (await account.healthy(live)).join() === before.join(),
    );
    expect((await sandboxStatus()).machines).toHaveLength(2);
  });

  test("a machine that is killed for good is replaced by its Auto Scaling group", async () => {
    const [victim] = await account.healthy(live);
    await injectFault({ kind: "killMachine", instanceId: victim! });
    await until(
      "another is healthy",
      async () => {
        const healthy = await account.healthy(live);
        return healthy.length === 2 && !healthy.includes(victim!);
      },
      30,
    );
  });

  test("after a stop nothing runs, and the next start finds all of it", async () => {
    const before = await account.healthy(live);
    await stopSandbox();
    expect(processes()).toEqual([]);
    const { endpoint } = await startSandbox({ lease: false });
    account = new Account(endpoint);
    await until(
      "the same machines are healthy",
      async () => (await account.healthy(live)).join() === before.join(),
      30,
    );
    expect(await release(frontend.url)).toBe("1.1.0");
  });

  test("when the daemon is killed nothing of it goes on, and the next start finds all of it", async () => {
    const { pid } = await sandboxStatus();
    expect(processes().some((command) => command.includes("server.js"))).toBe(true);
    process.kill(pid!, "SIGKILL");
    await until("nothing is left", () => processes().length === 0, 10);
    const { endpoint } = await startSandbox({ lease: false });
    account = new Account(endpoint);
    await until("its machines are healthy", async () => (await account.healthy(live)).length === 2, 30);
    expect(await release(frontend.url)).toBe("1.1.0");
  });

  test("when daemon and guardian are killed at once, the next start ends what they left", async () => {
    const { pid } = await sandboxStatus();
    const { key } = sandboxFiles();
    for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const command = (() => {
        try {
          return readFileSync(`/proc/${entry}/cmdline`, "utf8");
        } catch {
          return "";
        }
      })();
      if (command.includes(`retrofit-guardian\0${sandboxMarker}=${key}-`))
        process.kill(Number(entry), "SIGKILL");
    }
    process.kill(pid!, "SIGKILL");
    await sleep(500);
    const left = markedProcesses(sandboxMarker, `${key}-`);
    expect(left.length).toBeGreaterThan(0);
    account = new Account((await startSandbox({ lease: false })).endpoint);
    const now = new Set(markedProcesses(sandboxMarker, `${key}-`));
    expect(left.filter((each) => now.has(each))).toEqual([]);
    await until("its machines are healthy", async () => (await account.healthy(live)).length === 2, 30);
  });
});
