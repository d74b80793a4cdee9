import type { Action } from "@aws-sdk/client-elastic-load-balancing-v2";

/** Tells our page from any other fixed answer. */
const MARK = "<!-- retrofit:maintenance -->";
/** Seconds after which a browser asks again by itself. */
const AGAIN_SECONDS = 30;

/**
 * What users get meanwhile: 503 from the load balancer itself, which needs no machine. A load balancer cannot add a
 * `Retry-After` header to an answer of its own, so the page asks again by itself instead; programs see the 503.
 */
export const maintenancePage: Action[] = [
  {
    Type: "fixed-response",
    FixedResponseConfig: {
      StatusCode: "503",
      ContentType: "text/html",
      MessageBody: `<!doctype html>${MARK}<html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="${AGAIN_SECONDS}"><title>Maintenance</title><body style="font:1.1em sans-serif;margin:20vh auto;max-width:32em"><h1>Back soon</h1><p>We are updating this service. This page tries again by itself every ${AGAIN_SECONDS} seconds.</p></body></html>`,
    },
  },
];

export function isMaintenancePage(actions: readonly Action[]): boolean {
  return actions.some((action) => action.FixedResponseConfig?.MessageBody?.includes(MARK));
}
