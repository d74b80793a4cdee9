import {
  askScript,
  describeFailure,
  type LocalChecks,
  type MachineDocument,
  type MachineRelease,
  type RunCommandClients,
  readMachineRelease,
  runOnMachine,
  switchScript,
} from "../../machine";
import { type Clock, GateError, type GateName, type Report } from "../traffic";

/** The machine was gone before it told whether it runs the release. */
export class MachineLost extends Error {}

/** Seconds that fetching a release may take beside becoming healthy. */
const FETCH_SECONDS = 300;
const ASK_SECONDS = 30;

/** Which release each machine runs, and giving it another: by SSM Run Command. */
export class MachineReleases {
  private readonly asked = new Map<string, MachineRelease | undefined>();

  constructor(
    private readonly clients: RunCommandClients,
    private readonly checks: LocalChecks,
    private readonly report: Report,
    private readonly clock: Clock,
  ) {}

  /** Undefined: it does not say, so it has to be given the release. */
  async of(id: string): Promise<MachineRelease | undefined> {
    if (!this.asked.has(id)) this.asked.set(id, await this.ask(id));
    return this.asked.get(id);
  }

  async give(id: string, document: MachineDocument): Promise<void> {
    this.asked.delete(id);
    const result = await runOnMachine(
      this.clients,
      id,
      {
        commands: switchScript(document, this.checks),
        comment: `retrofit: ${document.application.name} ${document.release}`,
        timeoutSeconds: this.checks.healthSeconds + FETCH_SECONDS,
      },
      (line) => this.report(`in place: ${line}`),
      this.clock,
    );
    if (result.status === "Lost") throw new MachineLost(`${id} is gone`);
    if (result.status !== "Success") {
      const said = /\[(health|smoke)\] ([^\n]*)/.exec(result.stderr);
      const gate = (said?.[1] ?? "machine") as GateName;
      const why = said?.[2] ?? `the command ${describeFailure(result)}`;
      throw new GateError(gate, `${id} is not good with ${document.release}: ${why}.`);
    }
    this.asked.set(id, { document, active: true });
  }

  private async ask(id: string): Promise<MachineRelease | undefined> {
    const result = await runOnMachine(
      this.clients,
      id,
      { commands: askScript(), comment: "retrofit: which release", timeoutSeconds: ASK_SECONDS },
      (line) => this.report(`in place: ${line}`),
      this.clock,
    ).catch((error: Error) => {
      if (error instanceof GateError) throw error;
      throw new GateError("machine", `${id} cannot be asked which release it runs: ${error.message}`);
    });
    if (result.status === "Lost") throw new MachineLost(`${id} is gone`);
    try {
      return readMachineRelease(result.stdout);
    } catch {
      return undefined;
    }
  }
}

/** Whether two documents say the same, whatever the order of their keys. */
export function sameDocument(a: MachineDocument | undefined, b: MachineDocument): boolean {
  return a !== undefined && JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, sorted(field)]),
  );
}
