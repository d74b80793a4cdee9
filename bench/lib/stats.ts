/** What is said about a list of measurements. */
export interface Spread {
  median: number;
  min: number;
  max: number;
  count: number;
}

export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("no measurements");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted[sorted.length - 1]!, count: sorted.length };
}

/** Two things measured in turn, so that what slows the machine down slows both. */
export interface Ratio {
  /** Median of one over median of the other. */
  ofMedians: number;
  /** Of the ratios within each pair. */
  pairwise: Spread;
}

export function ratio(ours: readonly number[], peer: readonly number[]): Ratio {
  if (ours.length !== peer.length) throw new RangeError("measurements that are not in pairs");
  return {
    ofMedians: spread(ours).median / spread(peer).median,
    pairwise: spread(ours.map((value, i) => value / peer[i]!)),
  };
}

/** `0, 1, 2` and `2, 1, 0` in turn: nobody is always the first or the last of a round. */
export function orderOfRound<T>(items: readonly T[], round: number): T[] {
  return round % 2 === 0 ? [...items] : [...items].reverse();
}
