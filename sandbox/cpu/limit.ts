import { processTree, TreeClock } from "./tree";

const LOOK_MILLISECONDS = 10;
/** What was not used is kept for so long, as the credits of a burstable class are. */
const KEPT_SECONDS = 0.1;

/**
 * Lets a process, with what it starts, have no more than a share of one core, as a class too small for its load would: once
 * it has used its share it is stopped until there is some again. Under a light load nothing is to be noticed. Needs no
 * control groups, which not every user may make.
 */
export class CpuLimit {
  /** Cores that it may use. */
  cores = 1;
  private readonly clock: TreeClock;
  private timer: NodeJS.Timeout | undefined;
  /** Seconds of the processor that it may use now; below 0 it has used more than its share. */
  private credit = 0;
  private lookedAt = 0;
  private stopped = false;

  constructor(private readonly root: () => number | undefined) {
    this.clock = new TreeClock(root);
  }

  /** 100 percent of a core is no limit. */
  set(percent: number): void {
    this.cores = percent / 100;
    if (percent >= 100) {
      this.lift();
    } else if (this.timer === undefined) {
      this.clock.spent();
      this.lookedAt = performance.now();
      this.timer = setInterval(() => this.look(), LOOK_MILLISECONDS).unref();
    }
  }

  /** No limit from now on. A stopped process hears no other signal, so this comes before the one that ends it. */
  lift(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.cores = 1;
    this.credit = 0;
    this.resume();
  }

  /** Lets it go on at once; the limit stays. */
  resume(): void {
    if (this.stopped) this.signal("SIGCONT");
    this.stopped = false;
  }

  private look(): void {
    const now = performance.now();
    const gained = ((now - this.lookedAt) / 1000) * this.cores;
    this.lookedAt = now;
    this.credit = Math.min(this.credit + gained, this.cores * KEPT_SECONDS) - this.clock.spent();
    if (this.credit >= 0) {
      this.resume();
      return;
    }
    // Each time: what it started in between, or a new start of it, has not been told yet.
    this.signal("SIGSTOP");
    this.stopped = true;
  }

  private signal(signal: NodeJS.Signals): void {
    const root = this.root();
    for (const pid of root === undefined ? [] : processTree(root)) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended in the meantime.
      }
    }
  }
}
