export type GateName =
  | "capacity"
  | "health"
  | "smoke"
  | "metrics"
  | "alarms"
  | "logs"
  | "interference"
  | "interrupted"
  | "live"
  | "machine"
  | "database";

/**
 * A gate turned a release away. The message begins with `[gate:<name>]`, which is what the command line
 * and scripts look for; the rest says what was seen and where the traffic is now.
 */
export class GateError extends Error {
  constructor(
    readonly gate: GateName,
    readonly seen: string,
    /** A sentence about where the traffic is now. */
    readonly traffic?: string,
  ) {
    super(`[gate:${gate}] ${seen}${traffic ? ` ${traffic}` : ""}`);
    this.name = "GateError";
  }

  /** The same refusal with a sentence about where the traffic is. */
  withTraffic(sentence: string): GateError {
    return new GateError(this.gate, this.seen, sentence);
  }
}
