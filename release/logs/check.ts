import { randomBytes } from "node:crypto";
import { SSMClient } from "@aws-sdk/client-ssm";
import { FIELDS_OF_EACH_LINE } from "../../components/elk-stack/content/mapping";
import { describeFailure, runOnMachine } from "../../components/machine/run-command";
import { openEnvironment } from "../environment";
import { failed } from "../errors";
import { machinesOf } from "../machines";
import type { OpenLogs } from "./open";
import { allStreams } from "./query";

export interface FoundLine {
  readonly machine: string;
  /** From the writing on the machine to the finding; undefined when it was not found. */
  readonly seconds?: number;
  readonly waited: number;
  /** Fields that every line has and this one has not. */
  readonly missing: string[];
}

const WAIT_SECONDS = 60;
const LOOK_MILLISECONDS = 200;

/** Writes a marked line on one of the environment's machines and looks for it in the store. */
export async function sendAndFind(
  { environment, project, store }: OpenLogs,
  say: (text: string) => void,
): Promise<FoundLine> {
  const running = await openEnvironment(project, environment);
  const [machine] = await machinesOf(running);
  if (!machine)
    throw failed(`${environment} has no running machine to write a line on.`, "Start one, then check again.");
  const mark = `retrofit-check-${randomBytes(8).toString("hex")}`;
  say(`writing ${mark} on ${machine.id} (${machine.version})`);
  const ssm = new SSMClient({ region: running.outputs.listenerArn.split(":")[3]! });
  const written = await runOnMachine({ ssm }, machine.id, {
    commands: [`logger -t retrofit-check "${mark}" && date +%s.%N`],
    comment: "retrofit logs check",
    timeoutSeconds: 30,
  });
  if (written.status !== "Success")
    throw failed(`${machine.id} could not write a line: ${describeFailure(written)}`);
  const at = Number(written.stdout.trim().split("\n").at(-1)) * 1000;
  const line = await find(store, environment, mark);
  if (!line) return { machine: machine.id, waited: WAIT_SECONDS, missing: [] };
  const missing = FIELDS_OF_EACH_LINE.filter((field) => valueAt(line, field) === undefined);
  return { machine: machine.id, seconds: (Date.now() - at) / 1000, waited: WAIT_SECONDS, missing };
}

async function find(store: OpenLogs["store"], environment: string, mark: string): Promise<unknown> {
  const path = `/${allStreams(environment).join(",")}/_search?ignore_unavailable=true`;
  const deadline = Date.now() + WAIT_SECONDS * 1000;
  while (Date.now() < deadline) {
    const { hits } = await store.send<{ hits: { hits: { _source: object }[] } }>("POST", path, {
      size: 1,
      query: { match_phrase: { message: mark } },
    });
    if (hits.hits[0]) return hits.hits[0]._source;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
  return undefined;
}

const valueAt = (line: unknown, path: string): unknown =>
  path.split(".").reduce((value, part) => (value as Record<string, unknown> | undefined)?.[part], line);
