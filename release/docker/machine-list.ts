/** A list of machines with what they have and use, as a spreadsheet exports it. */
import { wrongUse } from "../errors";
import { containerName } from "./compose-values";

/** A machine of today. */
export interface ListedMachine {
  readonly name: string;
  readonly cpus: number;
  readonly memoryMb: number;
  /** Highest use that was seen. Default 100. */
  readonly cpuPercent: number;
  readonly memoryPercent: number;
}

type Column = keyof ListedMachine;
const NEEDED: readonly Column[] = ["name", "cpus", "memoryMb"];
const COLUMNS: readonly Column[] = [...NEEDED, "cpuPercent", "memoryPercent"];

/** What a cell may hold, by column. */
const RANGES: Readonly<Record<Exclude<Column, "name">, readonly [number, number]>> = {
  cpus: [0.1, 896],
  memoryMb: [32, 33_554_432],
  cpuPercent: [0, 100],
  memoryPercent: [0, 100],
};

/** @throws CommandError with every mistake, each with its line. */
export function readMachineList(text: string, file: string): ListedMachine[] {
  const rows = text.split(/\r?\n/).map((line, index) => ({ number: index + 1, cells: cellsOf(line) }));
  const [header, ...lines] = rows.filter(({ cells }) => cells.some(Boolean));
  if (header === undefined)
    throw wrongUse(`${file} is empty.`, `Its first line names columns: ${COLUMNS.join(",")}`);
  const places = new Map(header.cells.map((cell, index) => [cell.toLowerCase(), index]));
  const missing = NEEDED.filter((column) => !places.has(column.toLowerCase()));
  if (missing.length > 0) {
    throw wrongUse(
      `${file} has no column ${missing.join(", ")}; it has ${header.cells.join(", ")}.`,
      `Name them in the first line: ${COLUMNS.join(",")} (the last two may be missing).`,
    );
  }
  if (lines.length === 0) throw wrongUse(`${file} names columns and no machine.`);
  const mistakes: string[] = [];
  const machines = lines.map(({ number, cells }) => {
    const cell = (column: Column) => cells[places.get(column.toLowerCase()) ?? -1] ?? "";
    const value = (column: keyof typeof RANGES, byDefault?: number) => {
      const [least, most] = RANGES[column];
      if (cell(column) === "" && byDefault !== undefined) return byDefault;
      const found = Number(cell(column).replace(/%$/, ""));
      if (cell(column) === "" || !(found >= least && found <= most)) {
        mistakes.push(
          `line ${number}, ${column}: got ${JSON.stringify(cell(column))}; allowed: ${least} to ${most}`,
        );
      }
      return found;
    };
    if (cell("name") === "") mistakes.push(`line ${number}, name: missing`);
    return {
      name: cell("name"),
      cpus: value("cpus"),
      memoryMb: value("memoryMb"),
      cpuPercent: value("cpuPercent", 100),
      memoryPercent: value("memoryPercent", 100),
    };
  });
  const names = machines.map(({ name }) => name && containerName(name));
  for (const name of new Set(names.filter((one, index) => one && names.indexOf(one) !== index))) {
    mistakes.push(`name: ${JSON.stringify(name)} is the name of two containers`);
  }
  if (mistakes.length > 0) throw wrongUse([`${file} cannot be read:`, ...mistakes].join("\n  "));
  return machines;
}

/** Commas or semicolons, with quotes where a cell holds one. */
function cellsOf(line: string): string[] {
  const separator = line.includes(";") && !line.includes(",") ? ";" : ",";
  const pattern = new RegExp(`(?:^|${separator})(?:"((?:[^"]|"")*)"|([^${separator}]*))`, "g");
  return [...line.matchAll(pattern)].map(([, quoted, plain]) =>
    (quoted?.replaceAll('""', '"') ?? plain ?? "").trim(),
  );
}
