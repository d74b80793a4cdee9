/**
 * What may stand in `Pulumi.<environment>.yaml`, key by key. Rules that look at two keys at once are in `../checks.ts`,
 * defaults that depend on the size in `../../sizes.ts`.
 */
import { z } from "zod";
import { choice, flag, text } from "../keys";
import { application } from "./application";
import { artifacts } from "./artifacts";
import { budget, prices } from "./budget";
import { database, sessions } from "./database";
import { docker } from "./docker";
import { files } from "./files";
import { deployment, keep } from "./keep";
import { expires, hours } from "./lifetime";
import { links } from "./links";
import { logs } from "./logs";
import { machines } from "./machines";
import { maintenance, migrations } from "./maintenance";
import { network } from "./network";
import { policies } from "./policies";
import { differs, promotion } from "./promotion";
import { region as regionText } from "./region";
import { release } from "./release";
import { shift } from "./shift";
import { vpn } from "./vpn";
import { web } from "./web";

export const size = choice(
  ["small", "full"],
  "Decides every default below: small to throw away and rebuild, full to carry users.",
  "small",
);

export const region = regionText("AWS region of the environment.");

/** Everything under `retrofit:`, by the name behind the colon. */
export const settings = z.strictObject({
  size,
  protected: flag("Prod-like: deletion protection, access logs, published artifacts only.", true).optional(),
  application,
  network: network.optional(),
  web,
  shift: shift.optional(),
  machines: machines.optional(),
  docker: docker.optional(),
  database: database.optional(),
  sessions: sessions.optional(),
  logs: logs.optional(),
  artifacts: artifacts.optional(),
  files: files.optional(),
  vpn: vpn.optional(),
  maintenance: maintenance.optional(),
  migrations: migrations.optional(),
  deployment: deployment.optional(),
  keep: keep.optional(),
  policies: policies.optional(),
  budget: budget.optional(),
  prices: prices.optional(),
  links: links.optional(),
  promotion: promotion.optional(),
  differs: differs.optional(),
  hours: hours.optional(),
  expires: expires.optional(),
  permissionsBoundary: text(/^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/\S+$/, {
    is: "The most that any role of the environment can do, whatever its policies say; `stacks/ci` makes one.",
    allowed: "the ARN of an IAM policy",
    example: "arn:aws:iam::111122223333:policy/ci-boundary",
  }).optional(),
  live: release("The release that takes the traffic.").optional(),
  standby: release("The release kept running for a rollback. Remove it to retire it.").optional(),
});

export type Settings = z.output<typeof settings>;
