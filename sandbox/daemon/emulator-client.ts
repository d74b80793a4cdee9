import type {
  CommandResult,
  EmulatedCommand,
  EmulatedState,
  Metric,
  ServerReport,
  TargetHealthReport,
} from "../emulated";

/** The emulator's internal API. */
export class EmulatorClient {
  constructor(private readonly endpoint: string) {}

  /** Its revision; throws when it does not answer. */
  async health(): Promise<{ revision: number }> {
    return (await this.send("GET", "/health", undefined, 2_000)) as { revision: number };
  }

  /** The state, at once when its revision is not `since`, else when it changes or the wait is over. */
  async state(since: number, waitSeconds: number, abort?: AbortSignal): Promise<EmulatedState> {
    const path = `/state?since=${since}&wait=${waitSeconds}`;
    return (await this.send("GET", path, undefined, (waitSeconds + 10) * 1000, abort)) as EmulatedState;
  }

  async putTargetHealth(report: TargetHealthReport): Promise<void> {
    await this.send("PUT", "/target-health", report);
  }

  async putServers(report: ServerReport): Promise<void> {
    await this.send("PUT", "/servers", report);
  }

  async postMetrics(metrics: Metric[]): Promise<void> {
    await this.send("POST", "/metrics", { metrics });
  }

  /** The instance is gone; its Auto Scaling group replaces it. */
  async failInstance(instanceId: string, reason: string): Promise<void> {
    await this.send("POST", `/instances/${instanceId}/fail`, { reason });
  }

  async reportCommand({ id, instanceId }: EmulatedCommand, result: CommandResult): Promise<void> {
    await this.send("POST", `/commands/${id}/${instanceId}`, result);
  }

  private async send(
    method: string,
    path: string,
    body?: unknown,
    timeoutMilliseconds = 10_000,
    abort?: AbortSignal,
  ): Promise<unknown> {
    const timeout = AbortSignal.timeout(timeoutMilliseconds);
    const response = await fetch(`${this.endpoint}/_retrofit${path}`, {
      method,
      signal: abort === undefined ? timeout : AbortSignal.any([timeout, abort]),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`the emulator answers ${response.status} to ${method} ${path}: ${text}`);
    return JSON.parse(text);
  }
}
