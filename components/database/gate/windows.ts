/** Times at which a change may stop the service, in words of a clock on the wall. */
export interface MaintenanceWindows {
  /** IANA name of the time zone that weekdays and times are in. Default: `Etc/UTC`. */
  readonly timeZone?: string;
  /** Every week. */
  readonly weekly?: readonly WeeklyWindow[];
  /** Once. */
  readonly once?: readonly { readonly from: string; readonly to: string }[];
}

export const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface WeeklyWindow {
  /** Days on which the window begins. */
  readonly days: readonly Weekday[];
  /** `HH:MM`. */
  readonly from: string;
  /** `HH:MM`; not after `from` means on the next day. */
  readonly to: string;
}

export type WindowState =
  | { readonly open: true }
  /** `next` is undefined where no window will ever come. */
  | { readonly open: false; readonly next?: Date };

const MINUTE = 60_000;
/** Every weekly window has begun once within it, also over a change of the clock. */
const HORIZON = 8 * 24 * 60;

export function windowState(windows: MaintenanceWindows | undefined, now: Date): WindowState {
  if (!windows) return { open: false };
  const clock = wallClock(windows.timeZone ?? "Etc/UTC");
  const open = (at: number) =>
    (windows.weekly ?? []).some((window) => isInside(window, clock(at))) ||
    (windows.once ?? []).some(({ from, to }) => at >= Date.parse(from) && at < Date.parse(to));
  if (open(now.getTime())) return { open: true };
  const candidates = (windows.once ?? [])
    .map(({ from }) => Date.parse(from))
    .filter((at) => at > now.getTime());
  const first = Math.ceil(now.getTime() / MINUTE) * MINUTE;
  for (let i = 0; i < HORIZON; i += 1) {
    const at = first + i * MINUTE;
    if ((windows.weekly ?? []).some((window) => isInside(window, clock(at)))) {
      candidates.push(at);
      break;
    }
  }
  return candidates.length === 0 ? { open: false } : { open: false, next: new Date(Math.min(...candidates)) };
}

/** `Sun 2026-11-29 02:00 (Europe/Berlin)`: as the people say it whose window it is. */
export function sayTime(at: Date, timeZone = "Etc/UTC"): string {
  const parts = partsOf(timeZone, at.getTime());
  return `${parts.weekday} ${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute} (${timeZone})`;
}

interface WallTime {
  readonly day: number;
  readonly minute: number;
}

function isInside({ days, from, to }: WeeklyWindow, { day, minute }: WallTime): boolean {
  const begins = (weekday: number) => days.includes(WEEKDAYS[(weekday + 7) % 7]!);
  const [start, end] = [minuteOf(from), minuteOf(to)];
  if (start < end) return begins(day) && minute >= start && minute < end;
  return (begins(day) && minute >= start) || (begins(day - 1) && minute < end);
}

function minuteOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return hours * 60 + minutes;
}

function wallClock(timeZone: string): (at: number) => WallTime {
  return (at) => {
    const { weekday, hour, minute } = partsOf(timeZone, at);
    const day = WEEKDAYS.indexOf(weekday!.toLowerCase() as Weekday);
    return { day, minute: Number(hour) * 60 + Number(minute) };
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(timeZone: string, at: number): Record<string, string> {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      weekday: "short",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    formats.set(timeZone, format);
  }
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}
