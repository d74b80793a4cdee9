import type { Metric, ServerReport, TargetHealthReport } from "../emulated";
import type { EmulatorClient } from "./emulator-client";

const settleMilliseconds = 30;
const retryMilliseconds = 500;
const metricsMilliseconds = 1_000;
/** What is kept for an emulator that is down: some ten seconds' worth. */
const mostMetrics = 2_000;

export interface Sources {
  targetHealth(): TargetHealthReport;
  servers(): ServerReport;
  /** Called once a second, in turn. */
  metrics(second: number): Metric[];
}

/** Sends a report whenever it is another than what was sent last, and again until it got through. */
class Latest {
  private dirty = false;
  private lastSent = "";
  private sending = false;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private readonly report: () => unknown,
    private readonly put: () => Promise<void>,
  ) {}

  /** The emulator has been started anew, and knows nothing of it. */
  forgotten(): void {
    this.lastSent = "";
    this.changed();
  }

  changed(): void {
    this.dirty = true;
    this.schedule(settleMilliseconds);
  }

  close(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private schedule(milliseconds: number): void {
    if (this.ended || this.sending || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.send();
    }, milliseconds);
  }

  private async send(): Promise<void> {
    this.dirty = false;
    const text = JSON.stringify(this.report());
    if (text === this.lastSent) return;
    this.sending = true;
    this.lastSent = text;
    const sent = await this.put().then(
      () => true,
      () => false,
    );
    this.sending = false;
    if (!sent) {
      this.dirty = true;
      this.lastSent = "";
    }
    if (this.dirty) this.schedule(sent ? settleMilliseconds : retryMilliseconds);
  }
}

/** Tells the emulator what really is: target health and servers when they change, metrics each second. */
export class Reporter {
  private readonly health: Latest;
  private readonly servers: Latest;
  private readonly clock: NodeJS.Timeout;
  private unsent: Metric[] = [];
  private second = 0;

  constructor(
    private readonly client: EmulatorClient,
    private readonly sources: Sources,
  ) {
    this.clock = setInterval(() => void this.sendMetrics(), metricsMilliseconds);
    const { targetHealth, servers } = sources;
    this.health = new Latest(targetHealth, () => client.putTargetHealth(targetHealth()));
    this.servers = new Latest(servers, () => client.putServers(servers()));
  }

  /** The emulator has been started anew, and knows nothing of health. */
  forgotten(): void {
    this.health.forgotten();
    this.servers.forgotten();
  }

  /** Target health may not be what was reported last. */
  healthChanged(): void {
    this.health.changed();
  }

  /** Nor may the servers be. */
  serversChanged(): void {
    this.servers.changed();
  }

  close(): void {
    this.health.close();
    this.servers.close();
    clearInterval(this.clock);
  }

  private async sendMetrics(): Promise<void> {
    const metrics = [...this.unsent, ...this.sources.metrics(this.second++)].slice(-mostMetrics);
    this.unsent = [];
    if (metrics.length === 0) return;
    await this.client.postMetrics(metrics).catch(() => {
      this.unsent = [...metrics, ...this.unsent].slice(-mostMetrics);
    });
  }
}
