import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { EmulatedSessionStore } from "../emulated";
import { BusyMeter, growth, measure } from "./server-meter";
import type { ServerProcess } from "./server-process";
import type { Measure } from "./servers";

/** Commands as ElastiCache counts them, of those that sessions are made of. */
const COMMANDS = {
  read: "get|mget|getrange|strlen|exists|ttl|hget|hmget|hgetall|hexists|smembers|sismember|lrange|zrange",
  write:
    "set|setex|mset|incr|incrby|append|getset|getex|getdel|expire|pexpire|del|unlink|hset|hdel|hincrby|sadd|srem|lpush|rpush|ltrim|zadd|zrem",
} as const;

/**
 * What ElastiCache tells of a node. The latencies are what the engine takes for a command, as it says itself: asking it from
 * here would measure how busy we are.
 */
export class RedisMeter {
  private readonly busy: BusyMeter;
  private connection: Connection | undefined;
  private asking = false;
  private info: Record<string, number> | undefined;
  private before: Record<string, number> = {};

  constructor(
    server: ServerProcess,
    private readonly spec: () => EmulatedSessionStore,
  ) {
    this.busy = new BusyMeter(server);
  }

  read(): Measure[] {
    const busy = this.busy.read();
    const found = this.takeInfo();
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

  private takeInfo(): Measure[] {
    const { info, before } = this;
    if (info === undefined) return [];
    this.info = undefined;
    this.before = info;
    const own = 1;
    const memory = ((info.used_memory ?? Number.NaN) / (info.maxmemory ?? Number.NaN)) * 100;
    const latency = (kind: keyof typeof COMMANDS) =>
      (growth(before, info, `${kind} usec`) ?? Number.NaN) /
      (growth(before, info, `${kind} calls`) ?? Number.NaN);
    return [
      ...measure("CurrConnections", (info.connected_clients ?? Number.NaN) - own, "Count"),
      ...measure("DatabaseMemoryUsagePercentage", memory, "Percent"),
      ...measure("Evictions", growth(before, info, "evicted_keys"), "Count"),
      ...measure("SuccessfulReadRequestLatency", latency("read"), "Microseconds"),
      ...measure("SuccessfulWriteRequestLatency", latency("write"), "Microseconds"),
    ];
  }

  private async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      this.connection ??= new Connection(this.spec());
      this.info = numbersIn(await this.connection.ask("INFO", "all"));
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

/** `name:value` by line, what is no number left out; and for each kind of commands how many there were and how long they took. */
export function numbersIn(info: string): Record<string, number> {
  const pairs = [...info.matchAll(/^([a-z_]+):(\d+(?:\.\d+)?)\r?$/gm)];
  const numbers = Object.fromEntries(pairs.map(([, name, value]) => [name!, Number(value)]));
  for (const [kind, names] of Object.entries(COMMANDS)) {
    const counts = [...info.matchAll(new RegExp(`^cmdstat_(?:${names}):calls=(\\d+),usec=(\\d+)`, "gm"))];
    const sum = (of: 1 | 2) => counts.reduce((total, count) => total + Number(count[of]), 0);
    numbers[`${kind} calls`] = sum(1);
    numbers[`${kind} usec`] = sum(2);
  }
  return numbers;
}
