/** One thing after the other for each name; what fails does not keep the next from its turn. */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();

  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.last.get(name) ?? Promise.resolve()).then(work, work);
    const settled = turn.catch(() => {});
    this.last.set(name, settled);
    void settled.then(() => {
      if (this.last.get(name) === settled) this.last.delete(name);
    });
    return turn;
  }

  /** Resolves when all that was asked for until now is over. */
  async idle(): Promise<void> {
    await Promise.all(this.last.values());
  }
}
