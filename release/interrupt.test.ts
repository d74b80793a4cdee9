import { type ChildProcess, spawn } from "node:child_process";
import { Interrupts, killDescendants, parentOf } from "./interrupt";

const children: ChildProcess[] = [];

function start(command: string, args: string[], detached = false): ChildProcess {
  const child = spawn(command, args, { stdio: "ignore", detached });
  children.push(child);
  return child;
}

afterEach(() => {
  for (const child of children.splice(0)) {
    try {
      process.kill(child.pid!, "SIGKILL");
    } catch {
      // The test ended it.
    }
  }
});

const ended = (child: ChildProcess) =>
  new Promise<string | null>((resolve) => child.once("exit", (_, signal) => resolve(signal)));

test("the first interrupt asks the engine to stop, the second ends it", () => {
  const told: string[] = [];
  let killed = 0;
  const interrupts = new Interrupts(
    (line) => told.push(line),
    () => killed++,
  );
  interrupts.take("SIGTERM");
  expect([interrupts.signal.aborted, interrupts.requested, interrupts.killed, killed]).toEqual([
    true,
    true,
    false,
    0,
  ]);
  interrupts.take("SIGTERM");
  expect([interrupts.killed, killed]).toEqual([true, 1]);
  expect(told[0]).toContain("again to stop at once");
});

test("ending the engine ends what it started, but not what was started to outlive us", async () => {
  // A shell with a child of its own stands for the engine and its plugin; the detached one for the sandbox.
  const engine = start("sh", ["-c", "sleep 60 & wait; sleep 60"]);
  const sandbox = start("sleep", ["60"], true);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const gone = ended(engine);
  killDescendants(process.pid);
  expect(await gone).toBe("SIGKILL");
  expect(sandbox.exitCode).toBeNull();
  expect(() => process.kill(sandbox.pid!, 0)).not.toThrow();
  expect(parentOf(sandbox.pid!)).toBe(process.pid);
});
