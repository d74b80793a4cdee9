import { money } from "../../stacks/prices";
import type { Context } from "../context";
import { type Costs, readCosts } from "../cost/costs";
import { beginOfChange } from "../git";
import { openProject } from "../project";
import type { Amounts } from "../pull-request/cost-lines";
import { loadEnvironment } from "../settings";

export interface CostOptions {
  /** Commit or branch; what the environment cost where the change left it is shown beside. */
  since?: string;
}

export async function cost(context: Context, environment: string, { since }: CostOptions): Promise<void> {
  const { output } = context;
  const project = openProject(context.cwd, environment);
  const { web } = loadEnvironment(project, environment);
  const begin = since === undefined ? undefined : await beginOfChange(project.folder, since);
  const costs = await readCosts(project, environment, begin);
  const { currency, sources, missing, notEstimated, unreachable } = costs;
  output.heading(`${environment} per month in ${currency}, at ${web.min} and at ${web.max} machines`);
  for (const line of table(costs)) output.line(line);
  output.line();
  if (sources.length > 0) output.line(`Prices: ${sources.join("; ")}`);
  output.line(`Not in it: ${notEstimated.join("; ")}; a standby for as long as it is kept.`);
  if (missing.length > 0) {
    const why = unreachable ? ` (the AWS Pricing API: ${unreachable})` : "";
    output.warn(
      `No price for ${missing.join(", ")}${why}, so it is not in the sums. Set retrofit:prices (docs/environments.md has an example).`,
    );
  }
  output.result({ environment, ...costs });
}

/** One line for each component and one for all, with what each was before. */
export function table({ parts, total }: Pick<Costs, "parts" | "total">): string[] {
  return [...parts, { part: "all", ...total }].map(({ part, now, before }) => {
    const sums = `${part.padEnd(14)}${columns(now)}`;
    const same = !before || (before.least === now.least && before.most === now.most);
    return same ? sums : `${sums}   was${columns(before)}`;
  });
}

const columns = ({ least, most }: Amounts): string =>
  [least, most].map((amount) => (amount === null ? "?" : money(amount)).padStart(11)).join("");
