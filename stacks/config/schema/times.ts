/** Keys that say when. */
import { cronFix, timeZoneFix } from "../formats";
import { checked, text } from "../keys";

export const cron = (is: string, example: string) =>
  checked(cronFix, { is, allowed: `five fields separated by one space, such as ${example}`, example });

export const timeZone = (is: string) =>
  checked(timeZoneFix, { is, allowed: "an IANA name such as Europe/Berlin", example: "Europe/Berlin" });

// Without seconds: with them the engine's YAML takes it for a date of its own and hands over another text.
export const moment = (is: string, example: string) =>
  text(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(Z|[+-]\d\d:\d\d)$/, {
    is,
    allowed: "a date and time with its offset, such as 2030-12-24T02:00+01:00",
    example,
  });
