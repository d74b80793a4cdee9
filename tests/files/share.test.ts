/** What machines do to a share: a real NFS server and real NFS clients, and the programs that the web role brings. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { shareMount } from "../../components/artifact-store/mounts";
import { documentOf, machinesFolder } from "../machines/support/configuration";
import { compile, debianRoot } from "../machines/support/machines";
import { start } from "../support/command-line";
import { sleep, until } from "../support/sandbox";
import { NfsServer } from "./support/nfs-server";

jest.setTimeout(600_000);

const program = join(machinesFolder, "site-modules/profile/files/retrofit-shared");
const writer = join(__dirname, "support", "nfs_writer.py");

describe("two machines write the same file on a real NFS server", () => {
  let server: NfsServer;
  beforeAll(async () => {
    server = await NfsServer.start();
  });
  afterAll(() => server?.stop());

  /** Two machines at once; gives what the file says in the end. */
  async function write(file: string, each: number, how: "safe" | "unsafe", meanwhile?: () => Promise<void>) {
    server.write(file, "0");
    const { library, url } = server.client;
    const signal = join(mkdtempSync(join(tmpdir(), "retrofit-writers-")), "begin");
    const machines = [1, 2].map(() =>
      start("python3", ["-B", writer, program, library, url, `/${file}`, String(each), how, signal]),
    );
    await until("both are ready", () => machines.every(({ output }) => output().includes("ready")), 60);
    writeFileSync(signal, "");
    await meanwhile?.();
    for (const { exitCode, stderr } of await Promise.all(machines.map(({ finished }) => finished))) {
      if (how === "safe" && exitCode !== 0) throw new Error(stderr);
    }
    rmSync(dirname(signal), { recursive: true });
    return Number(server.read(file));
  }

  test("with the shipped pattern 10,000 writes lose nothing, although the server is killed in between", async () => {
    const total = await write("safe", 5000, "safe", async () => {
      await until("a part is written", () => Number(server.read("safe")) > 2000, 300);
      await server.kill();
      await sleep(1000);
      await server.launch();
    });
    expect(total).toBe(10_000);
  });

  test("without it writes are lost", async () => {
    expect(await write("unsafe", 1000, "unsafe")).toBeLessThan(2000);
  });
});

describe("the program itself, on a folder", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "retrofit-shared-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const shared = (args: string[], input = "") =>
    spawnSync("python3", ["-B", program, ...args], { cwd: folder, input, encoding: "utf8" });

  test("a reader never sees a part of a file", () => {
    expect(shared(["write", "report.csv"], "whole\n").status).toBe(0);
    expect(readFileSync(join(folder, "report.csv"), "utf8")).toBe("whole\n");
    expect(execFileSync("ls", ["-A", folder], { encoding: "utf8" }).trim()).toBe("report.csv");
  });

  test("the lock of a machine that died is free when its lease is over, and turns only grow", async () => {
    const run = (script: string) => [
      "locked",
      "nightly",
      "--lease",
      "2",
      "--wait",
      "20",
      "--",
      "sh",
      "-c",
      script,
    ];
    const args = ["-B", program, ...run("echo $RETROFIT_LOCK_TOKEN > first; sleep 60")];
    const died = spawn("python3", args, { cwd: folder, detached: true, stdio: "ignore" });
    await until("it has the lock", () => has("first"), 20);
    process.kill(-died.pid!, "SIGKILL");
    const next = shared(run("echo $RETROFIT_LOCK_TOKEN > second"));
    expect([next.status, next.stderr]).toEqual([0, ""]);
    expect(Number(read("second"))).toBeGreaterThan(Number(read("first")));
  });

  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const has = (name: string) => {
    try {
      return read(name) !== "";
    } catch {
      return false;
    }
  };
});

describe("the unit that mounts a share at first boot", () => {
  let units: Record<string, string>;
  beforeAll(async () => {
    const mounts = { "/srv/shared": shareMount("fs-0123456789abcdef0", "fsap-0123456789abcdef0") };
    const settings = { "profile::mounts::mounts": mounts };
    const { web } = await compile({ web: { document: documentOf("web", "dev", { settings }) } });
    if (web!.error) throw new Error(web!.error);
    ({ units } = web!);
  });

  test("is encrypted, by role and access point, and the application waits for it", () => {
    expect(units["srv-shared.mount"]).toMatch(
      /Type=efs\nOptions=tls,iam,accesspoint=fsap-0123456789abcdef0,/,
    );
    expect(units["application.service"]).toMatch(/^RequiresMountsFor=\/srv\/shared$/m);
  });

  test("passes systemd's own verification, which a broken one does not", async () => {
    const root = await debianRoot();
    const scratch = mkdtempSync(join(tmpdir(), "retrofit-units-"));
    const verify = (content: string) => {
      writeFileSync(join(scratch, "srv-shared.mount"), content);
      const script = `mount --bind "$2" "$1/mnt" && chroot "$1" systemd-analyze verify /mnt/srv-shared.mount`;
      const { status, stdout, stderr } = spawnSync(
        "unshare",
        ["--mount", "sh", "-ec", script, "sh", root.folder, scratch],
        { encoding: "utf8" },
      );
      return { status, output: stdout + stderr };
    };
    const unit = units["srv-shared.mount"]!;
    expect(verify(unit)).toEqual({ status: 0, output: "" });
    expect(verify(unit.replace("Where=/srv/shared", "Where=/srv/other")).status).not.toBe(0);
    rmSync(scratch, { recursive: true });
  });
});
