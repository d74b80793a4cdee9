import { closeSync, openSync, renameSync, statSync, writeSync } from "node:fs";

/** A machine's console: its last output, in a file that never grows beyond twice the limit (it and the one before). */
export class Console {
  private descriptor: number;
  private size: number;

  constructor(
    private readonly file: string,
    private readonly limit = 512 * 1024,
  ) {
    this.descriptor = openSync(file, "a");
    this.size = statSync(file).size;
  }

  write(chunk: Buffer | string): void {
    if (this.descriptor < 0) return;
    if (this.size > this.limit) {
      closeSync(this.descriptor);
      renameSync(this.file, `${this.file}.1`);
      this.descriptor = openSync(this.file, "a");
      this.size = 0;
    }
    this.size += writeSync(this.descriptor, Buffer.from(chunk));
  }

  /** A line of the machine's own, beside those of its application. */
  note(text: string): void {
    this.write(`${new Date().toISOString()} [machine] ${text}\n`);
  }

  close(): void {
    if (this.descriptor >= 0) closeSync(this.descriptor);
    this.descriptor = -1;
  }
}
