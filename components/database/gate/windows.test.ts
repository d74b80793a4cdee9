import { type MaintenanceWindows, sayTime, windowState } from "./windows";

const berlin: MaintenanceWindows = {
  timeZone: "Europe/Berlin",
  weekly: [{ days: ["sun"], from: "02:00", to: "04:00" }],
};
const at = (text: string) => new Date(text);

test("a weekly window is open from its first minute to before its last, on the clock of its time zone", () => {
  // Berlin is an hour ahead of UTC in winter.
  expect(windowState(berlin, at("2026-11-29T01:00:00Z"))).toEqual({ open: true });
  expect(windowState(berlin, at("2026-11-29T02:59:59Z"))).toEqual({ open: true });
  expect(windowState(berlin, at("2026-11-29T03:00:00Z")).open).toBe(false);
  expect(windowState(berlin, at("2026-11-29T00:59:59Z")).open).toBe(false);
});

test("outside it the next one is named, also right after one has closed", () => {
  expect(windowState(berlin, at("2026-11-29T03:00:00Z"))).toEqual({
    open: false,
    next: at("2026-12-06T01:00:00Z"),
  });
  expect(windowState(berlin, at("2026-11-28T12:34:56Z"))).toEqual({
    open: false,
    next: at("2026-11-29T01:00:00Z"),
  });
});

test("summer time moves the window with the clock", () => {
  expect(windowState(berlin, at("2026-07-05T00:30:00Z"))).toEqual({ open: true });
  expect(windowState(berlin, at("2026-07-05T02:30:00Z")).open).toBe(false);
});

test("a window over midnight belongs to the day on which it begins", () => {
  const night: MaintenanceWindows = { weekly: [{ days: ["fri"], from: "23:00", to: "01:00" }] };
  expect(windowState(night, at("2026-11-27T23:30:00Z"))).toEqual({ open: true });
  expect(windowState(night, at("2026-11-28T00:30:00Z"))).toEqual({ open: true });
  expect(windowState(night, at("2026-11-27T00:30:00Z")).open).toBe(false);
  expect(windowState(night, at("2026-11-28T23:30:00Z")).open).toBe(false);
});

test("a single window is open once", () => {
  const once: MaintenanceWindows = {
    once: [{ from: "2026-12-24T01:00:00+01:00", to: "2026-12-24T05:00:00+01:00" }],
  };
  expect(windowState(once, at("2026-12-24T00:00:00Z"))).toEqual({ open: true });
  expect(windowState(once, at("2026-12-01T00:00:00Z"))).toEqual({
    open: false,
    next: at("2026-12-24T00:00:00Z"),
  });
  expect(windowState(once, at("2026-12-25T00:00:00Z"))).toEqual({ open: false });
});

test("without windows nothing is ever open", () => {
  expect(windowState(undefined, at("2026-11-29T01:00:00Z"))).toEqual({ open: false });
});

test("times are said in the time zone of the windows", () => {
  expect(sayTime(at("2026-11-29T01:00:00Z"), "Europe/Berlin")).toBe("Sun 2026-11-29 02:00 (Europe/Berlin)");
});
