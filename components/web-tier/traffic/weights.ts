// Pure, and without the AWS SDK: a preview needs these and should not pay for that.

/** Weights by target group ARN, as a listener forwards. A group that is named with weight 0 gets health checks only. */
export type Weights = Readonly<Record<string, number>>;

/** Weights as shares of the traffic in percent; all 0 when nothing is served. */
export function shares(weights: Weights): Record<string, number> {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return Object.fromEntries(
    Object.entries(weights).map(([arn, weight]) => [arn, total === 0 ? 0 : (weight * 100) / total]),
  );
}

/** The target groups that get requests now. */
export function servingGroups(weights: Weights): string[] {
  return Object.entries(weights)
    .filter(([, weight]) => weight > 0)
    .map(([arn]) => arn);
}

export function sameShares(a: Weights, b: Weights): boolean {
  const left = shares(a);
  const right = shares(b);
  const arns = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...arns].every((arn) => Math.abs((left[arn] ?? 0) - (right[arn] ?? 0)) < 0.01);
}

/**
 * Whether the same groups are named, whatever they get: one that is missing is not health-checked, and one too many, of a
 * release that was given up, cannot be deleted.
 */
export function namesSame(a: Weights, b: Weights): boolean {
  return [...Object.keys(a), ...Object.keys(b)].every((arn) => arn in a && arn in b);
}

/**
 * The weights of a step: the new group gets `percent`, the groups serving before share the rest in the
 * proportion they had. Integers, as the load balancer wants them (0–999).
 */
export function stepWeights(before: Weights, newGroup: string, percent: number): Weights {
  const others = Object.fromEntries(Object.entries(before).filter(([arn]) => arn !== newGroup));
  const share = shares(others);
  const weights: Record<string, number> = {};
  for (const arn of Object.keys(others))
    weights[arn] = Math.round(((share[arn] ?? 0) * (100 - percent)) / 100);
  weights[newGroup] = percent;
  return weights;
}

/** `web-1-0-0-4f2a=90, web-1-1-0-77c1=10`: target groups by name, for people. */
export function describeWeights(weights: Weights): string {
  const parts = Object.entries(weights).map(([arn, weight]) => `${arn.split("/")[1] ?? arn}=${weight}`);
  return parts.join(", ") || "nothing";
}

/**
 * Tag of the production listener that counts the moves of its traffic. An update notes the count that it found when it
 * began; a command that moves the traffic meanwhile raises it, and the update sees that it is no longer its turn,
 * even where the weights look the same.
 */
export const MOVES_TAG = "retrofit:moves";

/** The count after one more move. */
export function nextMove(moves: string | undefined): string {
  const count = Number(moves ?? 0);
  return String((Number.isSafeInteger(count) && count >= 0 ? count : 0) + 1);
}
