export { CostBudget, type CostBudgetArgs } from "./cost-budget";
