import { WEEKDAYS } from "../../../components/database/gate/windows";
import { choice, group, list, notEmpty, someDifferent, text } from "../keys";
import { moment, timeZone } from "./times";

const time = (is: string, example: string) =>
  text(/^([01]\d|2[0-3]):[0-5]\d$/, { is, allowed: "a time from 00:00 to 23:59", example });

export const maintenance = group(
  "When a release with `database: breaking` may stop the service. Without this key it never may.",
  {
    timeZone: timeZone("Time zone of the weekly windows.").optional(),
    weekly: list(
      group(
        "A window of every week.",
        {
          days: list(
            choice(WEEKDAYS, "A day.", "sun"),
            {
              is: "Days on which it begins.",
              allowed: "a list of at least one day, each once",
              example: ["sat", "sun"],
            },
            someDifferent,
          ),
          from: time("When it begins.", "02:00"),
          to: time("When it ends; not after `from` means on the next day.", "04:00"),
        },
        { days: ["sun"], from: "02:00", to: "04:00" },
      ),
      {
        is: "Windows of every week.",
        allowed: "a list of at least one window",
        example: [{ days: ["sun"], from: "02:00", to: "04:00" }],
      },
      notEmpty,
    ).optional(),
    once: list(
      group(
        "A single window.",
        {
          from: moment("When it begins.", "2030-12-24T02:00+01:00"),
          to: moment("When it ends.", "2030-12-24T05:00+01:00"),
        },
        { from: "2030-12-24T02:00+01:00", to: "2030-12-24T05:00+01:00" },
      ),
      {
        is: "Single windows.",
        allowed: "a list of at least one window",
        example: [{ from: "2030-12-24T02:00+01:00", to: "2030-12-24T05:00+01:00" }],
      },
      notEmpty,
    ).optional(),
  },
  { weekly: [{ days: ["sun"], from: "02:00", to: "04:00" }] },
);

export const migrations = group(
  "How the migrations of releases are run on the environment's database.",
  {
    folder: text(/^(?![/.])[A-Za-z0-9._/-]*[A-Za-z0-9._-]$/, {
      is: "Folder of the migrations in an artifact.",
      allowed: "a path inside the artifact",
      example: "migrations",
    }).optional(),
    baseline: text(/^\d+([._]\d+)*$/, {
      is: "Version that a database has which is older than its first migration: everything up to it counts as applied.",
      allowed: "a version of a migration, such as 7 or 2.1",
      example: "7",
    }).optional(),
    table: text(/^[a-z_][a-z0-9_]{0,62}$/, {
      is: "Table of the history, in schema public.",
      allowed: "lower-case letters, digits and _, at most 63",
      example: "flyway_schema_history",
    }).optional(),
    instanceType: text(/^[a-z][a-z0-9-]*\.[a-z0-9]+$/, {
      is: "Size of the one machine that migrations run on.",
      allowed: "an EC2 instance type such as t3.nano",
      example: "t3.nano",
    }).optional(),
  },
  { folder: "migrations" },
);
