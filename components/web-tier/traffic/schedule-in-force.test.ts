import {
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { applyScheduleInForce, type Bounds, scheduleInForce } from "./schedule-in-force";

const at = (text: string) => Date.parse(text) / 1000;
const day: Bounds = { name: "day", cron: "0 7 * * 1-5", timeZone: "Europe/Berlin", min: 2, max: 6 };
const night: Bounds = { name: "night", cron: "0 20 * * *", timeZone: "Europe/Berlin", min: 0, max: 0 };

test.each([
  // Wednesday, in summer time.
  ["2026-07-01T12:00:00Z", "day"],
  ["2026-07-01T17:59:59Z", "day"],
  // The very second of the schedule is its first.
  ["2026-07-01T18:00:00Z", "night"],
  ["2026-07-02T04:59:00Z", "night"],
  ["2026-07-02T05:00:00Z", "day"],
  // On Sunday the day has not begun since Friday's.
  ["2026-07-05T12:00:00Z", "night"],
  // In winter Berlin is an hour nearer to UTC.
  ["2026-01-07T06:00:00Z", "day"],
  ["2026-01-07T05:30:00Z", "night"],
])("at %s the schedule in force is %s", (now, name) => {
  expect(scheduleInForce([day, night], at(now))?.schedule.name).toBe(name);
  expect(scheduleInForce([night, day], at(now))?.schedule.name).toBe(name);
});

test("each schedule is read in its own time zone", () => {
  const tokyo = { ...day, name: "tokyo", timeZone: "Asia/Tokyo" };
  // 07:00 in Tokyo is 22:00 UTC of the day before, which is later than 20:00 in Berlin.
  expect(scheduleInForce([night, tokyo], at("2026-07-01T23:00:00Z"))).toEqual({
    schedule: tokyo,
    since: at("2026-07-01T22:00:00Z"),
  });
});

test("a date that never comes is never in force, and without schedules nothing is", () => {
  expect(scheduleInForce([{ ...day, cron: "0 0 30 2 *" }], at("2026-07-01T12:00:00Z"))).toBeUndefined();
  expect(scheduleInForce([], at("2026-07-01T12:00:00Z"))).toBeUndefined();
});

describe("a group that was not there when the schedule came", () => {
  const said: string[] = [];
  const group = (MinSize: number, MaxSize: number) => {
    const sent: unknown[] = [];
    const send = async (command: unknown) => {
      if (command instanceof DescribeAutoScalingGroupsCommand)
        return { AutoScalingGroups: [{ MinSize, MaxSize }] };
      if (command instanceof UpdateAutoScalingGroupCommand) sent.push(command.input);
      return {};
    };
    return { sent, clients: { autoScaling: { send: send as never } } };
  };
  const clock = { now: () => at("2026-07-01T19:00:00Z") };
  const apply = ({ clients }: ReturnType<typeof group>, schedules = [day, night]) =>
    applyScheduleInForce(clients, "web-1-1-0", schedules, (line) => said.push(line), clock);

  test("gets its bounds afterwards, and keeps its size within them", async () => {
    const fleet = group(2, 6);
    expect(await apply(fleet)).toBe("applied");
    // No desired capacity: Auto Scaling moves it only as far as the bounds ask.
    expect(fleet.sent).toEqual([{ AutoScalingGroupName: "web-1-1-0", MinSize: 0, MaxSize: 0 }]);
    expect(said).toEqual(["schedule: night is in force since 2026-07-01 18:00 UTC: 0 to 0 machines"]);
  });

  test("is left alone when it has them already, and where there are no schedules", async () => {
    const fleet = group(0, 0);
    expect(await apply(fleet)).toBe("nothing to do");
    expect(await apply(fleet, [])).toBe("nothing to do");
    expect(fleet.sent).toEqual([]);
  });
});
