import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProgressEvent } from "../progress";
import { download } from "./downloads";
import { GoBuildError } from "./go";
import { launcher } from "./node-programs";
import { engineRelease, pluginRelease } from "./official";
import { run } from "./run";
import { step } from "./steps";
import { stored, toolchainFolder } from "./store";
import { compareVersions } from "./versions";

const home = mkdtempSync(join(tmpdir(), "retrofit-toolchain-"));
const before = process.env.RETROFIT_HOME;

beforeAll(() => {
  process.env.RETROFIT_HOME = home;
});
afterAll(() => {
  process.env.RETROFIT_HOME = before;
  if (before === undefined) delete process.env.RETROFIT_HOME;
  rmSync(home, { recursive: true, force: true });
});

describe("what is stored", () => {
  test("is made once, and found after that", async () => {
    let made = 0;
    const make = async (folder: string) => {
      made++;
      writeFileSync(join(folder, "tool"), "");
    };
    const folder = await stored("one-1.0", make);
    expect(await stored("one-1.0", make)).toBe(folder);
    expect([made, readdirSync(folder)]).toEqual([1, ["tool"]]);
  });

  test("is not there when making it fails, and can be made later", async () => {
    const failing = stored("two-1.0", () => Promise.reject(new Error("no network")));
    await expect(failing).rejects.toThrow("no network");
    expect(existsSync(join(toolchainFolder(), "two-1.0"))).toBe(false);
    await expect(stored("two-1.0", async () => {})).resolves.toContain("two-1.0");
  });

  test("is not what a killed process left of it", async () => {
    await stored("before", async () => {});
    const left = join(toolchainFolder(), ".part-three-1.0-999999");
    await run("mkdir", [left]);
    const folder = await stored("three-1.0", async (part) => writeFileSync(join(part, "tool"), ""));
    expect([readdirSync(folder), existsSync(left)]).toEqual([["tool"], false]);
  });

  test("is made by one of two that want it at the same time; the other is told that it waits", async () => {
    let made = 0;
    let waited = 0;
    const make = async () => {
      made++;
      await new Promise((resolve) => setTimeout(resolve, 100));
    };
    const want = () => stored("four-1.0", make, () => waited++);
    await Promise.all([want(), want()]);
    expect([made, waited]).toEqual([1, 1]);
  });
});

describe("a command that is run", () => {
  test("gives its exit code and what it said", async () => {
    expect(await run("/bin/sh", ["-c", "echo out; echo err >&2; exit 3"])).toEqual({
      code: 3,
      output: "out\nerr\n",
    });
  });

  test("that does not exist is told as 127", async () => {
    expect((await run("/no/such/program", [])).code).toBe(127);
  });

  test("that hangs is ended in time, with its children", async () => {
    const started = Date.now();
    const { code } = await run("/bin/sh", ["-c", "sleep 60 & wait"], { timeout: 200 });
    expect(code).not.toBe(0);
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  test("is gone when its owner is killed", async () => {
    const pidFile = join(home, "pid");
    const owner = `
      require("ts-node").register({ project: ${JSON.stringify(join(__dirname, "../../tsconfig.json"))}, swc: true });
      require(${JSON.stringify(join(__dirname, "run"))}).run("/bin/sh", ["-c", "echo $$ > ${pidFile}; exec sleep 60"]);
      const look = setInterval(() => require("fs").existsSync(${JSON.stringify(pidFile)}) && process.kill(process.pid, "SIGKILL"), 20);
    `;
    const { code } = await run(process.execPath, ["-e", owner], {
      cwd: join(__dirname, "../.."),
      timeout: 30_000,
    });
    expect(code).toBe(137);
    const pid = Number(readFileSync(pidFile, "utf8"));
    for (let i = 0; i < 100 && alive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(alive(pid)).toBe(false);
  });
});

function alive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe("a download", () => {
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === "/ok") response.end("content");
      else if (request.url === "/missing") response.writeHead(404).end();
      // Anything else is never answered.
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test("is in its file when it is done", async () => {
    await download(`${url}/ok`, join(home, "file"));
    expect(readFileSync(join(home, "file"), "utf8")).toBe("content");
  });

  test("that is not there, or whose host is not, says which", async () => {
    await expect(download(`${url}/missing`, join(home, "x"))).rejects.toThrow(
      /127\.0\.0\.1:\d+ answered 404/,
    );
    await expect(download("http://127.0.0.1:1/x", join(home, "x"))).rejects.toThrow(
      "127.0.0.1:1 cannot be reached",
    );
  });

  test("from a host that does not answer is given up in seconds", async () => {
    const started = Date.now();
    await expect(download(`${url}/silence`, join(home, "x"))).rejects.toThrow("does not answer");
    expect(Date.now() - started).toBeLessThan(8_000);
  }, 10_000);

  test("is not even tried when the user says there is no internet", async () => {
    process.env.RETROFIT_OFFLINE = "1";
    try {
      await expect(download(`${url}/ok`, join(home, "x"))).rejects.toThrow("RETROFIT_OFFLINE is set");
    } finally {
      delete process.env.RETROFIT_OFFLINE;
    }
  });
});

test("official builds are asked for by their names for this platform", () => {
  expect(engineRelease("3.259.0", "linux", "x64").url).toMatch(
    /\/sdk\/pulumi-v3\.259\.0-linux-x64\.tar\.gz$/,
  );
  expect(pluginRelease("7.48.0", "linux", "arm64").url).toMatch(
    /\/plugins\/pulumi-resource-aws-v7\.48\.0-linux-arm64\.tar\.gz$/,
  );
  expect(() => engineRelease("3.259.0", "linux", "mips")).toThrow("no official build for mips");
});

test("a step says how long it has been under way, and how it ended", async () => {
  const events: ProgressEvent[] = [];
  const collect = (event: ProgressEvent) => events.push(event);
  await step(collect, "engine", async (say) => {
    say("compiling");
    return { detail: "3.259.0" };
  });
  await expect(step(collect, "engine", () => Promise.reject(new Error("no Go")))).rejects.toThrow("no Go");
  expect(events.map(({ state, detail }) => [state, detail])).toEqual([
    ["start", undefined],
    ["update", "compiling … 0:00"],
    ["done", "3.259.0"],
    ["start", undefined],
    ["failed", "no Go"],
  ]);
});

test("a module that is not served is told from code that does not compile", () => {
  const refused = "go: github.com/pulumi/pulumi/pkg/v3@v3.260.0: reading https://proxy/x.mod: 404 Not Found";
  const broken = "go: downloading x\n# example\nmain.go:3:2: undefined: y";
  expect(new GoBuildError(refused).notServed).toBe(true);
  expect(new GoBuildError(broken).notServed).toBe(false);
  expect(new GoBuildError(broken).message).toBe("go build failed: # example | main.go:3:2: undefined: y");
});

test("versions are compared by their numbers", () => {
  expect(compareVersions("3.240.0", "3.99.1")).toBe(1);
  expect(compareVersions("3.240.0-alpha.1", "3.240.0")).toBe(0);
  expect(compareVersions("3.9", "3.11.7")).toBe(-1);
});

test("a launcher survives spaces and quotes in paths", async () => {
  const script = join(home, "launch it");
  const program = join(home, "it's a program.js");
  writeFileSync(program, "console.log(process.argv.slice(2).join('|'))");
  launcher({ program, args: ["a b"] }).write(script);
  expect((await run(script, ["c'd"])).output).toBe("a b|c'd\n");
});
