import { type ConfigProblem, EnvironmentConfigError } from "../config/errors";
import type { BudgetConfig, EnvironmentConfig } from "../config/types";
import { estimate, money, times } from "./estimate";
import { type FoundPrices, findPrices, isOfMonth, type PriceOptions } from "./find-prices";
import { fixedItems, HOURS_PER_MONTH, type Item, machineItems } from "./items";

export interface BudgetCheckOptions extends Omit<PriceOptions, "own" | "currency"> {
  /** Line of a key in the environment's file, for the message. */
  readonly lineOf?: (path: readonly (string | number)[]) => number | undefined;
}

export interface BudgetReport {
  /** `costs: up to … USD a month of 500: …`, one line each, for people. */
  readonly lines: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Whether an environment at its maximum stays within its budget. Without a budget there is nothing to check, and no price is
 * looked up. What has no price is named and left out of the sum; the rest is checked all the same.
 *
 * Counted for the whole month: `web.max` machines with their disks, the load balancer, NAT gateways, interface endpoints. A
 * standby, and the minutes in which a swap runs two fleets, are told beside the sum: they are kept or end by the owner's word.
 *
 * @throws EnvironmentConfigError where the maximum does not fit.
 */
export async function checkBudget(
  config: EnvironmentConfig,
  options: BudgetCheckOptions = {},
): Promise<BudgetReport> {
  const { budget } = config;
  if (!budget) return { lines: [], warnings: [] };
  const { lineOf = () => undefined, ...look } = options;
  const found = await pricesFor(config, budget, look);
  const problem = problemOf(config, budget, found);
  if (problem) {
    const path =
      problem.path === "retrofit:web.max" ? ["retrofit:web", "max"] : ["retrofit:budget", "monthly"];
    const line = lineOf(path);
    throw new EnvironmentConfigError(`Pulumi.${config.environment}.yaml`, [
      { ...problem, ...(line !== undefined && { line }) },
    ]);
  }
  return reportOf(config, budget, found);
}

/**
 * Machines of the web tier that the budget has room for beside everything else; undefined without a budget, or where nobody
 * knows what a machine costs.
 */
export async function machinesInBudget(
  config: EnvironmentConfig,
  options: Omit<BudgetCheckOptions, "lineOf"> = {},
): Promise<number | undefined> {
  const { budget } = config;
  if (!budget) return undefined;
  return machinesThatFit(config, budget, await pricesFor(config, budget, options));
}

function pricesFor(
  config: EnvironmentConfig,
  { currency }: BudgetConfig,
  look: Omit<BudgetCheckOptions, "lineOf">,
): Promise<FoundPrices> {
  const keys = [...machineItems(config), ...fixedItems(config)].map(({ key }) => key);
  return findPrices(config.region, keys, { ...look, currency, ...(config.prices && { own: config.prices }) });
}

function machinesThatFit(
  config: EnvironmentConfig,
  { monthly }: BudgetConfig,
  { prices }: FoundPrices,
): number | undefined {
  const one = estimate(machineItems(config), prices).total;
  const fixed = estimate(fixedItems(config), prices).total;
  return one > 0 ? Math.max(0, Math.floor((monthly - fixed) / one)) : undefined;
}

function problemOf(
  config: EnvironmentConfig,
  budget: BudgetConfig,
  found: FoundPrices,
): ConfigProblem | undefined {
  const { max } = config.web;
  const { prices } = found;
  const whole = estimate([...times(machineItems(config), max), ...fixedItems(config)], prices);
  if (whole.total <= budget.monthly) return undefined;
  const fits = machinesThatFit(config, budget, found) ?? 0;
  const limit = `${money(budget.monthly)} ${budget.currency} a month`;
  const sum = `${money(whole.total)} ${budget.currency} a month: ${whole.lines.map(({ text }) => text).join(" + ")} (${whole.sources.join("; ")})`;
  const raise = `raise monthly in retrofit:budget to ${Math.ceil(whole.total)} or more`;
  return fits >= 1 && fits < max
    ? {
        path: "retrofit:web.max",
        got: `got ${max}, which may cost ${sum}`,
        allowed: `at most ${fits}, within retrofit:budget.monthly of ${limit}`,
        fix: `Set max to ${fits} or less, or ${raise}.`,
      }
    : {
        path: "retrofit:budget.monthly",
        got: `got ${limit}, and the environment may cost ${sum}`,
        allowed: "a budget that one machine fits into; retrofit:web.max cannot be lowered that far",
        fix: `${raise[0]!.toUpperCase()}${raise.slice(1)}, or take a smaller web.instanceType.`,
      };
}

function reportOf(config: EnvironmentConfig, budget: BudgetConfig, found: FoundPrices): BudgetReport {
  const machines = times(machineItems(config), config.web.max);
  const whole = estimate([...machines, ...fixedItems(config)], found.prices);
  const second = estimate(machines, found.prices);
  const { currency, monthly } = budget;
  const warnings: string[] = [];
  if (whole.missing.length > 0) warnings.push(missingPrices(config, whole.missing, found.unreachable));
  if (whole.lines.length === 0) return { lines: [], warnings };
  const lines = [
    `costs: up to ${money(whole.total)} ${currency} a month at the maximum, of a budget of ${money(monthly)}: ${whole.lines.map(({ text }) => text).join(" + ")} (${whole.sources.join("; ")})`,
  ];
  if (config.deployment === "inPlace" || second.total === 0) return { lines, warnings };
  const hours = swapHours(config);
  const swap = (second.total / HOURS_PER_MONTH) * hours;
  lines.push(
    `costs: not in that sum: a swap, which runs a second fleet for up to ${hours.toFixed(1)} h: up to ${money(swap)} ${currency} each`,
  );
  const kept = estimate(times(machineItems(config), standbyMachines(config)), found.prices).total;
  if (kept > 0) {
    lines.push(
      `costs: not in that sum: the standby (retrofit:keep.standby ${config.keep.standby}), for as long as it is kept: up to ${money(kept)} ${currency} a month`,
    );
  }
  if (whole.total + kept > monthly) {
    warnings.push(
      `retrofit:budget: with a standby kept all month at its largest it would be ${money(whole.total + kept)} ${currency}, above ${money(monthly)}. Retire the standby once a release has proved itself, or keep fewer machines of it (retrofit:keep).`,
    );
  }
  return { lines, warnings };
}

/** Machines that a release leaves behind as standby, at most. */
function standbyMachines({ keep, web }: EnvironmentConfig): number {
  return { hot: web.max, warm: Math.min(keep.machines, web.max), none: 0 }[keep.standby];
}

/** The longest that the gates of a release may take. */
function swapHours({ shift }: EnvironmentConfig): number {
  return (shift.healthTimeoutSeconds + (shift.steps.length - 1) * shift.waitSeconds) / 3600;
}

function missingPrices(config: EnvironmentConfig, missing: readonly Item[], unreachable?: string): string {
  const names = missing.map(({ count, name }) => `${count} × ${name}`).join(", ");
  const keys = missing.map(({ key }) =>
    isOfMonth(key) ? `retrofit:prices.${key}` : `retrofit:prices.hourly["${key}"]`,
  );
  const why = unreachable
    ? `the AWS Pricing API did not tell it (${unreachable})`
    : `the AWS Pricing API has none for ${config.region}`;
  return `retrofit:budget: no price for ${names}: ${why}. It is not in the sum. Set ${keys.join(", ")}.`;
}
