import * as http from "node:http";
import * as https from "node:https";
import { type Clock, type Report, systemClock } from "./clients";
import { GateError } from "./gate-error";

export interface SmokeCheck {
  /** Path with query, e.g. `/` or `/api/version`. */
  readonly path: string;
  /** Status that must come back. Default 200. */
  readonly status?: number;
  /** Text that the body must contain. Default: any body. */
  readonly contains?: string;
}

export interface SmokeAnswer {
  readonly status: number;
  readonly body: string;
}

export type Fetch = (
  url: string,
  options: { hostname?: string; timeoutSeconds: number },
) => Promise<SmokeAnswer>;

/** Attempts at a check whose answer may be the load balancer's and not the release's (no connection, 502, 503, 504). */
const ATTEMPTS = 5;
const NOT_THE_RELEASE = new Set([502, 503, 504]);

/**
 * Asks the new fleet through the test listener what users will ask. A wrong answer of the release's is final;
 * only answers that the load balancer gives while it still learns of the fleet are asked for again.
 *
 * @throws GateError `smoke` with every failed check.
 */
export async function runSmokeTest(
  baseUrl: string,
  checks: readonly SmokeCheck[],
  options: { hostname?: string; timeoutSeconds?: number },
  report: Report,
  fetch: Fetch = fetchOnce,
  clock: Clock = systemClock,
): Promise<void> {
  const failures: string[] = [];
  for (const check of checks) {
    const failure = await runCheck(baseUrl, check, options, fetch, clock);
    report(`smoke: GET ${check.path} ${failure ? `failed, ${failure}` : "passed"}`);
    if (failure) failures.push(`GET ${check.path} ${failure}`);
  }
  if (failures.length > 0) {
    throw new GateError(
      "smoke",
      `${failures.length} of ${checks.length} smoke checks failed at ${baseUrl}: ${failures.join("; ")}.`,
    );
  }
}

async function runCheck(
  baseUrl: string,
  check: SmokeCheck,
  options: { hostname?: string; timeoutSeconds?: number },
  fetch: Fetch,
  clock: Clock,
): Promise<string | undefined> {
  const timeoutSeconds = options.timeoutSeconds ?? 10;
  let failure = "";
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      const answer = await fetch(`${baseUrl}${check.path}`, { ...options, timeoutSeconds });
      const wrong = judge(check, answer);
      if (!wrong) return undefined;
      failure = wrong;
      if (!NOT_THE_RELEASE.has(answer.status)) return failure;
    } catch (error) {
      failure = `gave no answer (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`;
    }
    if (attempt < ATTEMPTS) await clock.sleep(attempt);
  }
  return failure;
}

function judge(check: SmokeCheck, answer: SmokeAnswer): string | undefined {
  const wanted = check.status ?? 200;
  if (answer.status !== wanted) return `answered ${answer.status}, expected ${wanted}`;
  if (check.contains !== undefined && !answer.body.includes(check.contains)) {
    return `answered ${answer.status} without "${check.contains}" in the first ${BODY_LIMIT / 1024} KiB`;
  }
  return undefined;
}

const BODY_LIMIT = 256 * 1024;

const fetchOnce: Fetch = (url, { hostname, timeoutSeconds }) =>
  new Promise((resolve, reject) => {
    const secure = url.startsWith("https:");
    const request = (secure ? https : http).get(
      url,
      {
        headers: { "user-agent": "retrofit-smoke-test", ...(hostname ? { host: hostname } : {}) },
        timeout: timeoutSeconds * 1000,
        agent: false,
        // Without a host name there is no name that the certificate could match; the address is the load balancer's own.
        ...(secure ? (hostname ? { servername: hostname } : { rejectUnauthorized: false }) : {}),
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          if (body.length < BODY_LIMIT) body += chunk;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: body.slice(0, BODY_LIMIT) }),
        );
        response.on("error", reject);
      },
    );
    request.on("timeout", () =>
      request.destroy(Object.assign(new Error("timeout"), { code: `no answer in ${timeoutSeconds} s` })),
    );
    request.on("error", reject);
  });
