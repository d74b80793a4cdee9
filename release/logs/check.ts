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
  readonly found: boolean;
  /**
   * From the writing on the machine, by its clock, until the store took it, by the store's; undefined when one of the two is
   * not known. Until it is found it takes up to two seconds more, in which the store makes lines findable.
   */
  readonly seconds?: number;
  /** Most seconds that it was looked for. */
  readonly waited: number;
  /** Fields that every line in the store has and this one has not. */
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
    commands: [`date +%s.%N && logger -t retrofit-check "${mark}"`],
    comment: "retrofit logs check",
    timeoutSeconds: 30,
  });
  if (written.status !== "Success")
    throw failed(`${machine.id} could not write a line: ${describeFailure(written)}`);
  const at = Number(written.stdout.trim().split("\n")[0]);
  return { machine: machine.id, waited: WAIT_SECONDS, ...judged(await find(store, environment, mark), at) };
}

/** What the store's line says of its way there. `writtenAt`: by the machine's clock, in epoch seconds. */
export function judged(line: unknown, writtenAt: number): Pick<FoundLine, "found" | "seconds" | "missing"> {
  if (line === undefined) return { found: false, missing: [] };
  // The last one is set by the store, the others by the forwarder.
  const missing = [...FIELDS_OF_EACH_LINE, "event.ingested"].filter(
    (field) => valueAt(line, field) === undefined,
  );
  const seconds = Date.parse(String(valueAt(line, "event.ingested"))) / 1000 - writtenAt;
  // Clocks that differ by some milliseconds do not make a line arrive before it was written.
  return { found: true, missing, ...(Number.isFinite(seconds) && { seconds: Math.max(0, seconds) }) };
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
