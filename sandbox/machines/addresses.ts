import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";

/**
 * An address of its own, 127.81.x.y, for each machine, remembered in a file so that it is the same after a restart.
 * It begins from a hash, so that two sandboxes on one machine hardly ever choose the same.
 */
export class Addresses {
  private readonly byInstance: Map<string, string>;

  constructor(
    private readonly file: string,
    /** Differs between sandboxes, in which instances may well have the same ids. */
    private readonly salt: string,
  ) {
    this.byInstance = new Map(Object.entries(read(file)));
  }

  of(instanceId: string): string {
    const known = this.byInstance.get(instanceId);
    if (known !== undefined) return known;
    const taken = new Set(this.byInstance.values());
    let number = createHash("sha256").update(`${this.salt} ${instanceId}`).digest().readUInt16BE(0);
    while (taken.has(literal(number))) number = (number + 1) % 65_536;
    this.byInstance.set(instanceId, literal(number));
    this.save();
    return literal(number);
  }

  forget(instanceId: string): void {
    if (this.byInstance.delete(instanceId)) this.save();
  }

  private save(): void {
    writeFileSync(`${this.file}.new`, JSON.stringify(Object.fromEntries(this.byInstance)));
    renameSync(`${this.file}.new`, this.file);
  }
}

function literal(number: number): string {
  return `127.81.${number >> 8}.${number & 255}`;
}

function read(file: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  } catch {
    return {};
  }
}
