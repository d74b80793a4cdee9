/** What an environment costs in a month, by component, and what that was before a change of its file. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type EnvironmentConfig, loadEnvironmentFile } from "../../stacks/config";
import {
  costComponents,
  estimate,
  findPrices,
  type Item,
  notEstimated,
  type Prices,
} from "../../stacks/prices";
import { git } from "../git";
import type { Project } from "../project";
import type { Amounts, CostOfChange } from "../pull-request/cost-lines";
import { loadEnvironment } from "../settings";

export interface Costs extends CostOfChange {
  /** Why the AWS Pricing API did not tell what is missing. */
  unreachable?: string;
}

/** @param since Commit of which the file is compared with; without it there is nothing before. */
export async function readCosts(project: Project, environment: string, since?: string): Promise<Costs> {
  const config = loadEnvironment(project, environment);
  const former = since === undefined ? undefined : await fileAt(project, environment, since);
  const currency = config.budget?.currency ?? config.prices?.currency ?? "USD";
  const keys = [config, former].flatMap((each) => (each ? itemsOf(each).map(({ key }) => key) : []));
  const { prices, unreachable } = await findPrices(config.region, keys, {
    currency,
    ...(config.prices && { own: config.prices }),
  });
  const { sources, missing } = estimate(itemsOf(config), prices);
  return {
    currency,
    ...compareCosts(partsOf(config, prices), former && partsOf(former, prices)),
    sources,
    missing: [...new Set(missing.map(({ key }) => key))],
    notEstimated: notEstimated(config),
    ...(unreachable && { unreachable }),
  };
}

/** Amounts by component. */
export type Parts = ReadonlyMap<string, Amounts>;

export function partsOf(config: EnvironmentConfig, prices: Prices): Parts {
  const sums = (machines: number) =>
    costComponents(config, machines).map(
      ({ component, items }) => [component, sumOf(items, prices)] as const,
    );
  const most = new Map(sums(config.web.max));
  return new Map(
    sums(config.web.min).map(([component, least]) => [
      component,
      { least, most: most.get(component) ?? null },
    ]),
  );
}

export function compareCosts(now: Parts, before: Parts | undefined): Pick<CostOfChange, "parts" | "total"> {
  const names = [...new Set([...now.keys(), ...(before?.keys() ?? [])])];
  return {
    parts: names.map((part) => ({
      part,
      now: now.get(part) ?? NOTHING,
      ...(before && { before: before.get(part) ?? NOTHING }),
    })),
    total: { now: totalOf(now), ...(before && { before: totalOf(before) }) },
  };
}

const NOTHING: Amounts = { least: 0, most: 0 };

/** A part without any price is unknown, not free. */
function sumOf(items: readonly Item[], prices: Prices): number | null {
  const { lines, total } = estimate(items, prices);
  return lines.length > 0 ? total : null;
}

function totalOf(parts: Parts): Amounts {
  const sum = (key: keyof Amounts) => {
    const known = [...parts.values()].map((part) => part[key]).filter((amount) => amount !== null);
    return known.length > 0 ? known.reduce((all, amount) => all + amount, 0) : null;
  };
  return { least: sum("least"), most: sum("most") };
}

const itemsOf = (config: EnvironmentConfig): Item[] =>
  costComponents(config, config.web.max).flatMap(({ items }) => items);

/** The environment as its file was at a commit; undefined when it had none. */
async function fileAt(
  project: Project,
  environment: string,
  commit: string,
): Promise<EnvironmentConfig | undefined> {
  const name = basename(project.file(environment));
  const text = await git(project.folder, "show", `${commit}:./${name}`).catch(() => undefined);
  if (text === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "retrofit-cost-"));
  try {
    writeFileSync(join(folder, name), text);
    return loadEnvironmentFile(join(folder, name), { projectRoot: project.folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
