/** Raw measurements, kept beside the report so that it can be written anew without measuring. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeMachine, type LoadNote, type MachineNote } from "./machine";

const folder = join(__dirname, "..", "results");

export interface Result<Data> {
  measuredAt: string;
  machine: MachineNote;
  load: LoadNote;
  data: Data;
}

export function saveResult<Data>(
  name: string,
  { data, load, versions }: { data: Data; load: LoadNote; versions?: Record<string, string> },
): void {
  const result: Result<Data> = {
    measuredAt: new Date().toISOString(),
    machine: describeMachine(versions),
    load,
    data,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, `${name}.json`),
    `${JSON.stringify(result, null, 1)}
`,
  );
}

export function loadResult<Data>(name: string): Result<Data> | undefined {
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Result<Data>) : undefined;
}
