import { Output } from "../output";
import type { LogLine } from "./query";
import { described } from "./show";

const output = new Output({ json: false, stdout: { write: () => {} }, environment: {} });
const line: LogLine = {
  id: "1",
  time: "2026-01-02T03:04:05.678Z",
  ingested: "",
  level: "error",
  service: "shop",
  release: "1.1.0",
  fleet: "blue",
  machine: "i-1",
  message: "one\ntwo\n",
};
const text = (sinceSeconds: number) =>
  described({ output, interrupts: { requested: false } }, { sinceSeconds }, line);

test("a line names its day where more than one day is asked for", () => {
  expect(text(7 * 86_400)).toBe("2026-01-02 03:04:05.678 error shop 1.1.0 blue i-1  one\n    two");
  expect(text(900)).toBe("03:04:05.678 error shop 1.1.0 blue i-1  one\n    two");
});
