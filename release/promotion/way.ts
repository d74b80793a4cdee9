/** The way of a release through the environments, as `retrofit:promotion.from` of each describes it. */
import type { EnvironmentConfig } from "../../stacks/config";
import { wrongUse } from "../errors";

type Step = Pick<EnvironmentConfig, "environment" | "promotion">;

/** From the first environment on; those that are on no way come last. */
export function inOrder<T extends Step>(configs: readonly T[]): T[] {
  const names = configs.map(({ environment }) => environment);
  const followers = (name: string) => configs.filter(({ promotion }) => promotion?.from === name);
  const follow = (step: T): T[] => [step, ...followers(step.environment).flatMap(follow)];
  const first = configs.filter(({ promotion }) => !promotion?.from || !names.includes(promotion.from));
  const isOnWay = (step: T) => step.promotion !== undefined || followers(step.environment).length > 0;
  const ordered = [...first.filter(isOnWay), ...first.filter((step) => !isOnWay(step))].flatMap(follow);
  const circle = configs.filter((step) => !ordered.includes(step));
  if (circle.length > 0) {
    throw wrongUse(
      `The way of a release goes in a circle: ${circle.map(({ environment, promotion }) => `${environment} comes from ${promotion?.from}`).join(", ")}.`,
      "Correct retrofit:promotion.from, so that the way has a beginning.",
    );
  }
  return ordered;
}

/** Where releases of an environment go next. */
export function nextOf(name: string, configs: readonly Step[]): string[] {
  return configs.filter(({ promotion }) => promotion?.from === name).map(({ environment }) => environment);
}
