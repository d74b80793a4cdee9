import { createColors } from "picocolors";

const ESCAPE = "\u001b";

/** Where text goes: a terminal, a file, a pipe, or a list in a test. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface OutputOptions {
  json: boolean;
  stdout?: TextStream;
  stderr?: TextStream;
  environment?: NodeJS.ProcessEnv;
}

/**
 * What a command says. On a terminal the last lines are live and redrawn; elsewhere every line is final and plain.
 * With `json` all of it goes to standard error, and standard output ends with one JSON object.
 */
export class Output {
  readonly json: boolean;
  /** True where lines can be redrawn. */
  readonly interactive: boolean;
  readonly colors: ReturnType<typeof createColors>;
  private readonly stdout: TextStream;
  private readonly people: TextStream;
  private drawn = 0;
  private live: string[] = [];

  constructor(options: OutputOptions) {
    const environment = options.environment ?? process.env;
    this.json = options.json;
    this.stdout = options.stdout ?? process.stdout;
    this.people = options.json ? (options.stderr ?? process.stderr) : this.stdout;
    const terminal = this.people.isTTY === true && environment.TERM !== "dumb";
    this.interactive = terminal && !environment.CI;
    this.colors = createColors(terminal && !environment.NO_COLOR);
  }

  get width(): number {
    return Math.max(40, this.people.columns ?? 100);
  }

  /** A line that stays. */
  line(text = ""): void {
    this.clearLive();
    this.people.write(`${text}\n`);
    this.drawLive();
  }

  heading(text: string): void {
    this.line(this.colors.bold(text));
  }

  done(text: string): void {
    this.line(`${this.colors.green("✓")} ${text}`);
  }

  warn(text: string): void {
    this.line(`${this.colors.yellow("!")} ${text}`);
  }

  fail(text: string): void {
    this.line(`${this.colors.red("✗")} ${text}`);
  }

  /** Replaces the live lines below everything else. Nothing happens where lines cannot be redrawn. */
  setLive(lines: string[]): void {
    if (!this.interactive) return;
    this.clearLive();
    this.live = lines;
    this.drawLive();
  }

  /** The JSON object of the command; with `--json` the last line on standard output, otherwise nothing. */
  result(value: Record<string, unknown>): void {
    this.setLive([]);
    if (this.json) this.stdout.write(`${JSON.stringify(value)}\n`);
  }

  private clearLive(): void {
    if (this.drawn > 0) this.people.write(`${ESCAPE}[${this.drawn}A${ESCAPE}[0J`);
    this.drawn = 0;
  }

  private drawLive(): void {
    if (this.live.length === 0) return;
    this.people.write(`${this.live.map((line) => cut(line, this.width - 1)).join("\n")}\n`);
    this.drawn = this.live.length;
  }
}

/** A colour code of the terminal. */
const COLOUR = new RegExp(`(${ESCAPE}\\[[0-9;]*m)`);

/** Cuts a line to a number of visible characters; colour codes take no room. */
export function cut(line: string, width: number): string {
  let visible = 0;
  let text = "";
  for (const part of line.split(COLOUR)) {
    if (part.startsWith(ESCAPE)) {
      text += part;
      continue;
    }
    const room = Math.max(0, width - visible);
    text += part.length > room ? `${part.slice(0, Math.max(0, room - 1))}${room > 0 ? "…" : ""}` : part;
    visible += part.length;
  }
  return text;
}

/** `3 s`, `1 min 20 s`: as people say it. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (seconds < 9.95) return `${Math.round(seconds * 10) / 10} s`;
  if (whole < 100) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `1 machine`, `2 machines`. */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}
