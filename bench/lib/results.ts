/** Raw measurements, kept beside the report so that it can be written anew without measuring. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MachineNote } from "./machine";

const folder = join(__dirname, "..", "results");

export interface Result<Data> {
  measuredAt: string;
  machine: MachineNote;
  /** Load average of the last minute before the measurement began and after it ended. */
  load: { before: number; after: number };
  data: Data;
}

export function saveResult<Data>(name: string, result: Result<Data>): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
}

export function loadResult<Data>(name: string): Result<Data> | undefined {
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Result<Data>) : undefined;
}
