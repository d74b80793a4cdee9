/** Downloads that are tried briefly: no internet is the normal case for a sandbox. */
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** How long an answer may take, and how long a transfer may stand still, in milliseconds. */
const ANSWER = 4_000;
const STALL = 10_000;

/** Why downloads are not even tried, if so. */
export function offline(): string | undefined {
  return process.env.RETROFIT_OFFLINE ? "RETROFIT_OFFLINE is set" : undefined;
}

/** Fetches a file. Throws with a short reason when it cannot be had quickly. */
export async function download(
  url: string,
  file: string,
  say: (detail: string) => void = () => {},
): Promise<void> {
  const host = new URL(url).host;
  const reason = offline();
  if (reason) throw new Error(reason);
  const stop = new AbortController();
  let timer = setTimeout(() => stop.abort(), ANSWER);
  try {
    const response = await fetch(url, { signal: stop.signal, redirect: "follow" });
    if (!response.ok || !response.body) throw new Error(`${host} answered ${response.status}`);
    const total = Number(response.headers.get("content-length") ?? 0);
    let done = 0;
    const body = Readable.fromWeb(response.body as import("node:stream/web").ReadableStream);
    body.on("data", (chunk: Buffer) => {
      done += chunk.length;
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), STALL);
      if (total) say(`downloading from ${host}, ${Math.floor((done / total) * 10) * 10} %`);
    });
    await pipeline(body, createWriteStream(file), { signal: stop.signal });
  } catch (error) {
    throw new Error(stop.signal.aborted ? `${host} does not answer` : reasonOf(error, host));
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch failed` hides what it was in the cause. */
function reasonOf(error: unknown, host: string): string {
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  if (message !== "fetch failed") return message;
  return `${host} cannot be reached (${cause?.code ?? cause?.message ?? "no connection"})`;
}
