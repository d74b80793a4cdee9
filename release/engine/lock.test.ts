import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../context";
import type { Project } from "../project";
import {
  findHolder,
  freeLock,
  holderIn,
  type LockHolder,
  lockedError,
  refuseWhileLocked,
  stateOf,
} from "./lock";

let folder: string;
let project: Project;
const backend = process.env.PULUMI_BACKEND_URL;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "retrofit-lock-test-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  project = { folder, file: (name) => join(folder, `Pulumi.${name}.yaml`) };
  process.env.PULUMI_BACKEND_URL = `file://${folder}`;
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  if (backend === undefined) delete process.env.PULUMI_BACKEND_URL;
  else process.env.PULUMI_BACKEND_URL = backend;
});

function lockedBy(content: Record<string, unknown>, environment = "prod"): void {
  const locks = join(folder, ".pulumi", "locks", "organization", "shop", environment);
  mkdirSync(locks, { recursive: true });
  const lock = { username: "kim", hostname: hostname(), timestamp: new Date().toISOString(), ...content };
  writeFileSync(join(locks, "b3f1.json"), JSON.stringify(lock));
}

/** A number that no process has any more. */
async function gonePid(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => child.once("exit", resolve));
  return child.pid!;
}

const holder = (more: Partial<LockHolder> = {}): LockHolder => ({
  who: `kim@${hostname()}`,
  host: hostname(),
  pid: process.pid,
  since: new Date().toISOString(),
  ...more,
});

function setting(forceUnlock = false) {
  const warnings: string[] = [];
  let cancelled = 0;
  const context = {
    forceUnlock,
    output: { warn: (line: string) => warnings.push(line) },
  } as unknown as Context;
  const cancel = async () => {
    cancelled += 1;
  };
  const stack = { stack: { cancel } } as never;
  return { context, stack, warnings, cancelled: () => cancelled };
}

test("who holds a lock is read from a backend in a folder, and from the engine's refusal elsewhere", () => {
  expect(findHolder(project, "prod")).toBeUndefined();
  lockedBy({ pid: 4711, hostname: "build-7", timestamp: "2026-11-22T15:00:00.5Z" });
  const found = { who: "kim@build-7", host: "build-7", pid: 4711 };
  expect(findHolder(project, "prod")).toEqual({ ...found, since: "2026-11-22T15:00:00.500Z" });
  expect(findHolder(project, "dev")).toBeUndefined();
  expect(holderIn("s3://state/x.json: created by kim@build-7 (pid 4711) at 2026-11-22T15:00:00Z")).toEqual({
    ...found,
    since: "2026-11-22T15:00:00Z",
  });
  expect(holderIn("[409] Conflict: Another update is currently in progress.")).toBeUndefined();
});

test("a command is refused with who, since when and which process, and touches nothing", async () => {
  lockedBy({ pid: process.pid });
  const { context, stack, cancelled } = setting();
  const refusal = await refuseWhileLocked(context, project, "prod", async () => stack).then(
    () => undefined,
    (error) => error,
  );
  expect(refusal).toMatchObject({ exitCode: 1, json: { locked: true } });
  expect(refusal.message).toMatch(
    new RegExp(`locked by kim@${hostname()} \\(process ${process.pid}\\) since .*Nothing was changed`),
  );
  expect(cancelled()).toBe(0);
});

test("a lock whose process is gone is released and told; a living one's never without being asked", async () => {
  const pid = await gonePid();
  lockedBy({ pid });
  const { context, stack, warnings, cancelled } = setting();
  await refuseWhileLocked(context, project, "prod", async () => stack);
  expect(cancelled()).toBe(1);
  expect(warnings[0]).toContain(`(process ${pid})`);
  expect(await freeLock(context, stack, holder())).toBe(false);
  const forced = setting(true);
  expect(await freeLock(forced.context, forced.stack, holder())).toBe(true);
  expect(forced.warnings[0]).toContain("broken as you asked");
});

test("another machine's lock is never judged from here, and neither is one without a name", async () => {
  const elsewhere = holder({ host: "build-7", pid: await gonePid() });
  expect(stateOf(elsewhere)).toBe("elsewhere");
  const { context, stack, cancelled } = setting();
  expect(await freeLock(context, stack, elsewhere)).toBe(false);
  expect(await freeLock(context, stack, undefined)).toBe(false);
  expect(cancelled()).toBe(0);
  expect(lockedError(undefined).message).toContain("locked by someone else");
});

test("a process that got the number of the holder after it had died is not the holder", () => {
  expect(stateOf(holder())).toBe("running");
  expect(stateOf(holder({ since: "2001-01-01T00:00:00Z" }))).toBe("gone");
});

test("a holder that is stopped is told as such, since waiting for it is in vain", async () => {
  const child = spawn("sleep", ["60"]);
  try {
    child.kill("SIGSTOP");
    const stopped = holder({ pid: child.pid! });
    for (let i = 0; i < 100 && stateOf(stopped) !== "stopped"; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(lockedError(stopped).message).toContain(`(process ${child.pid}, which is stopped)`);
  } finally {
    child.kill("SIGKILL");
  }
});
