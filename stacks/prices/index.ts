/** What things cost: prices with source and date, and sums of them. For the stacks and for the command line. */
export { type BudgetCheckOptions, type BudgetReport, checkBudget, machinesInBudget } from "./budget-check";
export { type CostComponent, costComponents, notEstimated } from "./components";
export {
  type Consolidation,
  type Counted,
  consolidation,
  savingText,
  separateMachines,
} from "./consolidation";
export { dockerSaving } from "./docker-saving";
export { type Estimate, estimate, money, times } from "./estimate";
export { type FoundPrices, findPrices, type PriceOptions } from "./find-prices";
export { fixedItems, HOURS_PER_MONTH, type Item, machineItems, machinesItems, type PriceKey } from "./items";
export type { Price, Prices } from "./price";
export { PriceCache } from "./price-cache";
