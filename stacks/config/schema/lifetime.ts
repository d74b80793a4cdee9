import { group } from "../keys";
import { cron, moment, timeZone } from "./times";

export const hours = group(
  "When the environment has machines. Outside of these hours it has none and answers 503; its data stays.",
  {
    start: cron("When machines are started.", "0 7 * * 1-5"),
    stop: cron("When they are taken away.", "0 19 * * 1-5"),
    timeZone: timeZone("Time zone of both."),
  },
  { start: "0 7 * * 1-5", stop: "0 19 * * 1-5", timeZone: "Europe/Berlin" },
);

export const expires = moment(
  "When a short-lived environment goes: `retrofit environment sweep` takes it away.",
  "2030-12-24T18:00Z",
);
