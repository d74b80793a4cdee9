import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { EmulatedSessionStore } from "../emulated";
import { BusyMeter, growth, measure } from "./server-meter";
import type { ServerProcess } from "./server-process";
import type { Measure } from "./servers";

const PROBE = "retrofit:probe";
/** The quickest counts: in the others we may have been busy ourselves. */
const TRIES = 3;

/** What one round of questions found. */
interface Answers {
  readMicroseconds: number;
  writeMicroseconds: number;
  info: Record<string, number>;
}

/**
 * What ElastiCache tells of a node. The latencies are those of a read and of a write that changes nothing, from the question
 * to the answer, waiting included.
 */
export class RedisMeter {
  private readonly busy: BusyMeter;
  private connection: Connection | undefined;
  private asking = false;
  private answers: Answers | undefined;
  private before: Record<string, number> = {};

  constructor(
    server: ServerProcess,
    private readonly spec: () => EmulatedSessionStore,
  ) {
    this.busy = new BusyMeter(server);
  }

  read(): Measure[] {
    const busy = this.busy.read();
    const found = this.takeAnswers();
    void this.ask();
    return [
      ...measure("CPUUtilization", busy, "Percent"),
      ...measure("EngineCPUUtilization", busy, "Percent"),
      ...found,
    ];
  }

  close(): void {
    this.connection?.close();
    this.connection = undefined;
  }

  private takeAnswers(): Measure[] {
    const { answers, before } = this;
    if (answers === undefined) return [];
    const { info, readMicroseconds, writeMicroseconds } = answers;
    this.answers = undefined;
    this.before = info;
    const own = 1;
    const memory = ((info.used_memory ?? Number.NaN) / (info.maxmemory ?? Number.NaN)) * 100;
    return [
      ...measure("CurrConnections", (info.connected_clients ?? Number.NaN) - own, "Count"),
      ...measure("DatabaseMemoryUsagePercentage", memory, "Percent"),
      ...measure("Evictions", growth(before, info, "evicted_keys"), "Count"),
      ...measure("SuccessfulReadRequestLatency", readMicroseconds, "Microseconds"),
      ...measure("SuccessfulWriteRequestLatency", writeMicroseconds, "Microseconds"),
    ];
  }

  private async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      this.connection ??= new Connection(this.spec());
      const { connection } = this;
      const timed = async (...words: string[]) => {
        const microseconds: number[] = [];
        while (microseconds.length < TRIES) {
          const askedAt = performance.now();
          await connection.ask(...words);
          microseconds.push((performance.now() - askedAt) * 1000);
        }
        return Math.min(...microseconds);
      };
      const info = numbersIn(await connection.ask("INFO"));
      const readMicroseconds = await timed("GET", PROBE);
      const writeMicroseconds = await timed("DEL", PROBE);
      this.answers = { info, readMicroseconds, writeMicroseconds };
    } catch {
      // It does not answer, which is told by there being no figures.
      this.close();
    } finally {
      this.asking = false;
    }
  }
}

/** Asks one thing at a time. */
class Connection {
  private readonly socket: Socket;
  private received = "";
  private waiting: { resolve(answer: string): void; reject(error: Error): void } | undefined;

  constructor({ address, port, tls, tokens }: EmulatedSessionStore) {
    // Its certificate is one of ours, made a moment ago for this very address.
    this.socket = tls
      ? connectTls({ host: address, port, rejectUnauthorized: false })
      : connectPlain({ host: address, port });
    this.socket.setEncoding("utf8").setTimeout(30_000, () => this.socket.destroy());
    this.socket.on("data", (chunk: string) => this.take(chunk));
    this.socket.on("error", () => {});
    this.socket.on("close", () => this.waiting?.reject(new Error("the connection is closed")));
    const [token] = tokens;
    this.ready = token === undefined ? Promise.resolve("") : this.send("AUTH", token);
  }

  private readonly ready: Promise<string>;

  async ask(...words: string[]): Promise<string> {
    await this.ready;
    return this.send(...words);
  }

  close(): void {
    this.socket.destroy();
  }

  private send(...words: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(new Error("the connection is closed"));
      this.waiting = { resolve, reject };
      const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      this.socket.write(`*${words.length}\r\n${parts.join("")}`);
    });
  }

  private take(chunk: string): void {
    this.received += chunk;
    const answer = wholeAnswer(this.received);
    if (answer === undefined) return;
    this.received = "";
    const { waiting } = this;
    this.waiting = undefined;
    if (answer.startsWith("-")) waiting?.reject(new Error(answer));
    else waiting?.resolve(answer);
  }
}

/** `+OK`, `:1`, `$-1` are one line; `$12` is followed by as many bytes. Undefined while it is not all there. */
function wholeAnswer(received: string): string | undefined {
  const end = received.indexOf("\r\n");
  if (end < 0) return undefined;
  const length = received.startsWith("$") ? Number(received.slice(1, end)) : -1;
  if (length < 0) return received.slice(0, end);
  const body = received.slice(end + 2);
  return Buffer.byteLength(body) >= length + 2 ? body : undefined;
}

/** `name:value` by line; what is no number is left out. */
function numbersIn(info: string): Record<string, number> {
  const pairs = [...info.matchAll(/^([a-z_]+):(\d+(?:\.\d+)?)\r?$/gm)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name!, Number(value)]));
}
