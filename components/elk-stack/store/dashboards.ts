/** Saved searches and the dashboard, brought to OpenSearch Dashboards by its own import. */
import { createHash, randomBytes } from "node:crypto";
import { DASHBOARD, savedObjectsFile } from "../content/dashboards";
import { type Answer, exchange } from "./exchange";
import type { SetupStep } from "./setup";
import type { LogStore } from "./store";

const PATIENCE_MILLISECONDS = 15_000;
/** Against requests that another site's page makes; and what everybody sees, where each user has a corner of his own. */
const HEADERS = { "osd-xsrf": "true", securitytenant: "global" };

interface Imported {
  readonly success?: boolean;
  readonly errors?: readonly { readonly type: string; readonly id: string; readonly error?: object }[];
}

/**
 * Imports what `savedObjectsFile` says, over what is there by the same names. Dashboards that do not answer are no error:
 * the step says why nothing was imported.
 *
 * @param url where people open Dashboards, such as `https://…/_dashboards`
 */
export async function importSavedObjects(store: LogStore, url: string): Promise<SetupStep> {
  const what = "saved searches and dashboard";
  const ask = (method: string, path: string, headers: object = {}, content?: string) =>
    exchange(store.connection, {
      method,
      url: new URL(`${url.replace(/\/$/, "")}/api/saved_objects/${path}`),
      headers: { ...HEADERS, ...headers },
      ...(content !== undefined && { content }),
      patienceMilliseconds: PATIENCE_MILLISECONDS,
    });
  try {
    const stamp = contentStamp();
    const there = await ask("GET", `dashboard/${DASHBOARD}`);
    if (there.status === 200 && there.text.includes(stamp)) return { what, done: "unchanged" };
    const boundary = `retrofit-${randomBytes(12).toString("hex")}`;
    const answer = await ask(
      "POST",
      "_import?overwrite=true",
      { "Content-Type": `multipart/form-data; boundary=${boundary}` },
      form(boundary, savedObjectsFile(stamp)),
    );
    const why = refusal(answer);
    if (why) return { what, done: "skipped", why: `not imported: ${why}` };
    return { what, done: there.status === 200 ? "changed" : "made" };
  } catch (error) {
    return {
      what,
      done: "skipped",
      why: `not imported: ${url} cannot be reached: ${(error as Error).message}`,
    };
  }
}

/** Kept in the dashboard's description, so that an import that would change nothing is left out. */
const contentStamp = () => `[${createHash("sha256").update(savedObjectsFile()).digest("hex").slice(0, 16)}]`;

const form = (boundary: string, file: string) =>
  [
    `--${boundary}`,
    'Content-Disposition: form-data; name="file"; filename="retrofit-logs.ndjson"',
    "Content-Type: application/x-ndjson",
    "",
    file,
    `--${boundary}--`,
    "",
  ].join("\r\n");

function refusal({ status, text }: Answer): string | undefined {
  const answer = asJson(text);
  if (status !== 200 || answer === undefined)
    return `Dashboards answered ${status}: ${text.slice(0, 200) || "nothing"}`;
  if (answer.success === true) return undefined;
  const [first] = answer.errors ?? [];
  return `Dashboards refused ${first ? `${first.type} ${first.id}: ${JSON.stringify(first.error ?? {})}` : text.slice(0, 200)}`;
}

function asJson(text: string): Imported | undefined {
  try {
    return JSON.parse(text) as Imported;
  } catch {
    return undefined;
  }
}
