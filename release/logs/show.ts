/** Log lines on the terminal. */
import type { LogStore } from "../../components/elk-stack/store/store";
import type { Context } from "../context";
import { ask, askTaken, type LogLine, type LogQuestion } from "./query";

/** What showing lines needs of a command's context. */
export type Terminal = Pick<Context, "output"> & { readonly interrupts: { readonly requested: boolean } };

const FOLLOW_MILLISECONDS = 1_000;
/** Lines are found a little after the store has taken them, and out of order: each look goes back so far. */
const OVERLAP_SECONDS = 15;
const DAY_SECONDS = 86_400;

/** Shows what a question finds and, where it is to be followed, every line that comes until it is interrupted. */
export async function showLines(
  terminal: Terminal,
  store: LogStore,
  question: LogQuestion,
  { follow }: { follow: boolean },
): Promise<LogLine[]> {
  const shown: LogLine[] = [];
  const show = (lines: readonly LogLine[]) => {
    for (const line of lines) terminal.output.line(described(terminal, question, line));
    shown.push(...lines);
  };
  const startedAt = Date.now();
  // Asked first: what comes between the two questions is not known yet, and is shown by the next look if not by this one.
  const known = follow ? await askTaken(store, question, OVERLAP_SECONDS) : [];
  const newest = await ask(store, question);
  show(newest);
  if (newest.length === 0 && !follow) terminal.output.line(terminal.output.colors.dim("No line matches."));
  if (follow) await followLines(terminal, store, question, { show, known: [...known, ...newest], startedAt });
  return shown;
}

interface Following {
  readonly show: (lines: readonly LogLine[]) => void;
  /** Lines that are not to be shown again. */
  readonly known: readonly LogLine[];
  /** When the look was begun that found them, in epoch milliseconds. */
  readonly startedAt: number;
}

const idsOf = (lines: readonly LogLine[]): ReadonlySet<string> => new Set(lines.map(({ id }) => id));

/** A store that does not answer for a while is told, and what has come meanwhile is shown when it does. */
async function followLines(
  terminal: Terminal,
  store: LogStore,
  question: LogQuestion,
  { show, known, startedAt }: Following,
): Promise<void> {
  // Of two looks, since the seconds that each goes back are rounded.
  let [last, beforeLast] = [idsOf(known), idsOf([])];
  let lookedAt = startedAt;
  let away = false;
  while (!terminal.interrupts.requested) {
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_MILLISECONDS));
    const now = Date.now();
    try {
      const lines = await askTaken(store, question, OVERLAP_SECONDS + (now - lookedAt) / 1000);
      show(lines.filter(({ id }) => !last.has(id) && !beforeLast.has(id)));
      [last, beforeLast, lookedAt, away] = [idsOf(lines), last, now, false];
    } catch (error) {
      if (!away) terminal.output.warn(`${(error as Error).message} It is asked again each second.`);
      away = true;
    }
  }
}

/** Times are UTC; with their day where there may be more than one that has them. */
export function described(
  { output: { colors } }: Terminal,
  { sinceSeconds }: Pick<LogQuestion, "sinceSeconds">,
  line: LogLine,
): string {
  const { time, level, service, release, fleet, machine, message } = line;
  const paint =
    level === "fatal" || level === "error"
      ? colors.red
      : level === "warn"
        ? colors.yellow
        : (text: string) => text;
  const at = sinceSeconds > DAY_SECONDS ? time.slice(0, 23).replace("T", " ") : time.slice(11, 23);
  const where = colors.dim(`${service} ${release} ${fleet} ${machine}`);
  return `${colors.dim(at)} ${paint(level.padEnd(5))} ${where}  ${message.trimEnd().replaceAll("\n", "\n    ")}`;
}
