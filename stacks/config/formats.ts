/** Forms that a pattern cannot tell. Each answers with the change to make, or with nothing when the text is right. */
import { canonical, formatCidr, isCanonical, parseCidr } from "../../components/network/cidr";

/** A proper IPv4 network that is no wider than `widest`. */
export function networkFix(text: string, widest: number): string | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined) return "Write an address and a prefix length, such as 203.0.113.0/24.";
  if (cidr.prefix < widest) return `Name your own networks, each /${widest} or narrower.`;
  if (!isCanonical(cidr)) return `Write the first address of the network: ${formatCidr(canonical(cidr))}.`;
  return undefined;
}

export function timeZoneFix(name: string): string | undefined {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    // Fixed offsets such as +02:00 are known to the runtime but not to Auto Scaling.
    return /^[A-Za-z]/.test(name) ? undefined : "Write a name such as Europe/Berlin in place of an offset.";
  } catch {
    return "Write the name of a time zone, such as Europe/Berlin.";
  }
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const CRON_FIELDS = [
  { name: "minute", min: 0, max: 59, names: [] },
  { name: "hour", min: 0, max: 23, names: [] },
  { name: "day of the month", min: 1, max: 31, names: [] },
  { name: "month", min: 1, max: 12, names: MONTHS },
  { name: "day of the week", min: 0, max: 7, names: DAYS },
];

/** The five-field cron of Auto Scaling schedules: numbers, names, `*`, ranges, lists and steps. */
export function cronFix(text: string): string | undefined {
  const fields = text.split(" ");
  if (fields.length !== CRON_FIELDS.length) {
    return "Write five fields: minute, hour, day of the month, month, day of the week.";
  }
  const wrong = CRON_FIELDS.find((field, i) => !isCronField(fields[i]!, field));
  return wrong && `Correct the ${wrong.name}: it goes from ${wrong.min} to ${wrong.max}, or *.`;
}

function isCronField(
  text: string,
  { min, max, names }: { min: number; max: number; names: string[] },
): boolean {
  const isValue = (value: string) =>
    names.includes(value.toLowerCase()) ||
    (/^\d+$/.test(value) && Number(value) >= min && Number(value) <= max);
  return text.split(",").every((part) => {
    const [range = "", step, ...rest] = part.split("/");
    if (rest.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
    const ends = range.split("-");
    return range === "*" || (ends.length <= 2 && ends.every(isValue));
  });
}
