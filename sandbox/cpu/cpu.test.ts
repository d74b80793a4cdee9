import { spawn } from "node:child_process";
import { CpuLimit } from "./limit";
import { processTree, TreeClock } from "./tree";

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** A shell that waits for another one, which keeps the processor busy. */
function busy() {
  const child = spawn("sh", ["-c", "sh -c 'while :; do :; done' & wait"], {
    stdio: "ignore",
    detached: true,
  });
  return { pid: child.pid!, end: () => process.kill(-child.pid!, "SIGKILL") };
}

test("a limited process gets its share and no more, with what it started; without the limit it goes on", async () => {
  const { pid, end } = busy();
  const limit = new CpuLimit(() => pid);
  try {
    const clock = new TreeClock(() => pid);
    limit.set(10);
    await pause(300);
    expect(processTree(pid)).toHaveLength(2);
    clock.spent();
    const startedAt = performance.now();
    await pause(2_000);
    const spent = clock.spent();
    const seconds = (performance.now() - startedAt) / 1000;
    expect(spent).toBeGreaterThan(0);
    // Twice the share leaves room for looks that come late on a busy machine.
    expect(spent / seconds).toBeLessThan(0.2);
    limit.lift();
    clock.spent();
    await pause(2_000);
    expect(clock.spent()).toBeGreaterThan(spent);
  } finally {
    limit.lift();
    end();
  }
});

test("a process that has ended takes no time, and a limit on it does no harm", async () => {
  const { pid, end } = busy();
  end();
  await pause(100);
  const limit = new CpuLimit(() => pid);
  limit.set(5);
  await pause(50);
  limit.lift();
  expect(new TreeClock(() => undefined).spent()).toBe(0);
});
