import type { Metric, TargetHealthReport } from "../emulated";
import type { EmulatorClient } from "./emulator-client";

const settleMilliseconds = 30;
const retryMilliseconds = 500;
const metricsMilliseconds = 1_000;
/** What is kept for an emulator that is down: some ten seconds' worth. */
const mostMetrics = 2_000;

export interface Sources {
  targetHealth(): TargetHealthReport;
  /** Called once a second, in turn. */
  metrics(second: number): Metric[];
}

/** Tells the emulator what really is: target health when it changes, metrics each second. */
export class Reporter {
  private dirty = false;
  private lastSent = "";
  private sending = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly clock: NodeJS.Timeout;
  private unsent: Metric[] = [];
  private second = 0;
  private ended = false;

  constructor(
    private readonly client: EmulatorClient,
    private readonly sources: Sources,
  ) {
    this.clock = setInterval(() => void this.sendMetrics(), metricsMilliseconds);
  }

  /** The emulator has been started anew, and knows nothing of health. */
  forgotten(): void {
    this.lastSent = "";
    this.healthChanged();
  }

  /** Target health may not be what was reported last. */
  healthChanged(): void {
    this.dirty = true;
    this.schedule(settleMilliseconds);
  }

  close(): void {
    this.ended = true;
    clearTimeout(this.timer);
    clearInterval(this.clock);
  }

  private schedule(milliseconds: number): void {
    if (this.ended || this.sending || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.sendHealth();
    }, milliseconds);
  }

  private async sendHealth(): Promise<void> {
    this.dirty = false;
    const report = this.sources.targetHealth();
    const text = JSON.stringify(report);
    if (text === this.lastSent) return;
    this.sending = true;
    this.lastSent = text;
    const sent = await this.client.putTargetHealth(report).then(
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

  private async sendMetrics(): Promise<void> {
    const metrics = [...this.unsent, ...this.sources.metrics(this.second++)].slice(-mostMetrics);
    this.unsent = [];
    if (metrics.length === 0) return;
    await this.client.postMetrics(metrics).catch(() => {
      this.unsent = [...metrics, ...this.unsent].slice(-mostMetrics);
    });
  }
}
