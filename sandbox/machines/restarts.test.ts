import { afterExit } from "./restarts";

const crash = { code: 1, signal: null };

test("an application that ended by itself stays down; one that failed is started again", () => {
  expect(afterExit({ code: 0, signal: null }, 1_000, 0)).toMatchObject({ restart: false });
  expect(afterExit(crash, 1_000, 0)).toEqual({ restart: true, failures: 1 });
  expect(afterExit({ code: null, signal: "SIGKILL" }, 1_000, 1)).toEqual({ restart: true, failures: 2 });
});

test("after five failed starts in a row it stays down, unless it ran steadily in between", () => {
  expect(afterExit(crash, 1_000, 4)).toEqual({ restart: true, failures: 5 });
  expect(afterExit(crash, 1_000, 5)).toMatchObject({
    restart: false,
    why: expect.stringContaining("exit code 1"),
  });
  expect(afterExit(crash, 60_000, 5)).toEqual({ restart: true, failures: 1 });
});
