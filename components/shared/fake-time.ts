import type { Clock } from "./clock";

/** What test doubles have of time: a clock that only sleeping moves, and what happens while somebody sleeps. */
export class FakeTime {
  now = 1_000_000;
  private readonly events: { at: number; act: () => void }[] = [];

  readonly clock: Clock = {
    now: () => this.now,
    sleep: async (seconds) => {
      this.now += seconds;
      for (const event of this.events.filter(({ at }) => at <= this.now)) {
        this.events.splice(this.events.indexOf(event), 1);
        event.act();
      }
    },
  };

  after(seconds: number, act: () => void): void {
    this.events.push({ at: this.now + seconds, act });
  }
}
