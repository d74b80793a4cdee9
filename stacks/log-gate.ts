/** What an environment's log lines say of a release while the traffic moves to it. */
import * as pulumi from "@pulumi/pulumi";
import {
  applicationStream,
  errorRise,
  errorsByVersion,
  type LogStore,
  STORE_WAY,
} from "../components/elk-stack";
import { resolved } from "../components/shared/outputs";
import type { EnvironmentConfig } from "./config/types";
import { openStore } from "./log-store";
import type { Logs } from "./logs";

/** How long a look waits for the store. */
const PATIENCE_MILLISECONDS = 5_000;

/**
 * Judges a release by its log lines. A store that cannot be asked turns nobody away and holds nothing up: after the first
 * look that waited for it in vain, the others ask and do not wait. What it answers then counts from the next look on.
 */
export function releaseWatch(
  { application, environment }: Pick<EnvironmentConfig, "application" | "environment">,
  logs: Pick<Logs, "endpoint" | "secretArn" | "ca"> & { readonly config: Pick<Logs["config"], "gate"> },
  version: string,
  patience = PATIENCE_MILLISECONDS,
): { watch?: (sinceSeconds: number) => Promise<string | undefined> } {
  if (!logs.config.gate) return {};
  const { endpoint, secretArn, ca } = logs;
  const place = pulumi.output({ endpoint, secretArn, ca });
  let store: LogStore | undefined;
  let asking: Promise<void> | undefined;
  let complaint: string | undefined;
  let away = false;
  let waits = true;

  const ask = async (sinceSeconds: number): Promise<void> => {
    try {
      store ??= await open();
      const stream = applicationStream(application.name, environment);
      complaint = errorRise(await errorsByVersion(store, stream, sinceSeconds), version);
      if (away) tell("info", "The log store answers: errors in the log count from here on.");
      away = false;
    } catch (error) {
      givenUp((error as Error).message);
    } finally {
      asking = undefined;
    }
  };
  const open = async (): Promise<LogStore> => {
    const { ca: certificate, ...at } = await resolved(place);
    return openStore(
      { ...at, ...(certificate && { ca: certificate }) },
      // Before this look gives up, so that the store itself says what it waited for.
      { connection: patience * 0.8, answer: patience },
    );
  };
  const givenUp = (reason: string) => {
    if (!away)
      tell("warn", `Errors in the log do not count in this release until the log store answers: ${reason}`);
    waits = false;
    away = true;
  };

  const watch = async (sinceSeconds: number) => {
    // Heard while nobody waited.
    if (complaint !== undefined) return complaint;
    asking ??= ask(sinceSeconds);
    if (waits && !(await within(patience, asking)))
      givenUp(`there was no answer within ${patience / 1000} s. ${STORE_WAY}`);
    return complaint;
  };
  return { watch };
}

/** Whether it came to its end in time. */
async function within(milliseconds: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is told when the update is over already is told to nobody. */
const tell = (level: "info" | "warn", text: string) => void pulumi.log[level](text).catch(() => {});
