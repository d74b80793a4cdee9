import { spawn } from "node:child_process";
import { join } from "node:path";
import { freed, lock, tryLock } from "./lock";

jest.setTimeout(30_000);
const name = `test-${process.pid}`;

test("one holder at a time; the next one gets it when it is released", async () => {
  const held = await tryLock(name);
  expect(await tryLock(name)).toBeUndefined();
  expect(await freed(name, 200)).toBe(false);
  const waiting = lock(name, 5_000);
  await held!.release();
  const next = await waiting;
  expect(await tryLock(name)).toBeUndefined();
  await next!.release();
  expect(await freed(name, 200)).toBe(true);
});

test("a holder that is killed holds no more", async () => {
  const program = `
    require("ts-node").register({ project: "tsconfig.json", swc: true });
    require("./sandbox/daemon/lock").tryLock("${name}").then((held) => console.log(held ? "held" : "not held"));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-e", program], {
    cwd: join(__dirname, "..", ".."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = await new Promise((resolve) =>
    child.stdout.once("data", (data) => resolve(String(data).trim())),
  );
  expect(said).toBe("held");
  expect(await tryLock(name)).toBeUndefined();
  child.kill("SIGKILL");
  expect(await freed(name, 5_000)).toBe(true);
});
