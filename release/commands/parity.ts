import type { EnvironmentConfig } from "../../stacks/config";
import type { Context } from "../context";
import { turnedAway, withJson, wrongUse } from "../errors";
import { count } from "../output";
import { holds, type Parity, ParityCheck } from "../parity/compare";
import { environmentsIn, openProject } from "../project";
import { inOrder } from "../promotion/way";
import { loadEnvironment } from "../settings";

/**
 * What differs between environments, and what of it is meant: what the size decides, what each has of its own, and what
 * `retrofit:differs` names. Exit code 3 for the rest. With one name or none, each is compared with the next on a release's way.
 */
export async function parity(context: Context, first?: string, second?: string): Promise<void> {
  const named = [first, second].filter((name) => name !== undefined);
  if (new Set(named).size !== named.length) {
    throw wrongUse(`${first} is compared with itself.`, "Name two environments, or none for all of them.");
  }
  for (const name of named) openProject(context.cwd, name);
  const all = named.length === 2 ? named : environmentsIn(context.cwd);
  if (all.length < 2) throw wrongUse("There is one environment only, so there is nothing to compare.");
  const configs = all.map((name) => loadEnvironment(openProject(context.cwd, name), name));
  const pairs = pairsOf(named.length === 2 ? configs : inOrder(configs), first);
  const check = new ParityCheck(context.cwd);
  const found: Parity[] = [];
  for (const [a, b] of pairs) {
    const compared = await check.compare(a, b);
    found.push(compared);
    show(context, compared);
  }
  showAddresses(context, configs);
  const bad = found.filter((compared) => !holds(compared));
  const json = { parity: bad.length === 0, compared: found };
  if (bad.length > 0) {
    throw withJson(
      turnedAway(
        "parity",
        bad.flatMap(complaints).join("\n"),
        "Make them alike, or name the setting with its reason under retrofit:differs of the environment that is meant to differ.",
      ),
      json,
    );
  }
  context.output.done("Nothing differs that is not meant to.");
  context.output.result(json);
}

function pairsOf(
  configs: EnvironmentConfig[],
  with_: string | undefined,
): [EnvironmentConfig, EnvironmentConfig][] {
  const one = configs.find(({ environment }) => environment === with_);
  if (one) return configs.filter((other) => other !== one).map((other) => [one, other]);
  return configs.slice(1).map((next, i) => [configs[i]!, next]);
}

function show({ output }: Context, { environments, settings, kinds }: Parity): void {
  const [a, b] = environments;
  output.heading(
    `${a} and ${b}: ${count(settings.length, "setting")} and ${count(kinds.length, "kind")} of resources differ`,
  );
  for (const { setting, values, intended } of settings) {
    const text = `${setting}: ${said(values[a])} and ${said(values[b])}`;
    if (intended === undefined) output.fail(text);
    else output.line(`  ${text}${output.colors.dim(` (${intended})`)}`);
  }
  for (const { kind, counts } of kinds) {
    output.line(`  ${kind}: ${counts[a]} and ${counts[b]}${output.colors.dim(" (by the settings above)")}`);
  }
  output.line();
}

function showAddresses({ output }: Context, configs: EnvironmentConfig[]): void {
  const plan = configs.map(({ environment, network }) => `${environment} ${network.cidr}`);
  output.line(`Addresses, none of which overlap: ${plan.join(", ")}`);
}

function complaints({ environments: [a, b], settings, unexplained }: Parity): string[] {
  return [
    ...settings
      .filter(({ intended }) => intended === undefined)
      .map(
        ({ setting, values }) =>
          `${setting} is ${said(values[a])} in ${a} and ${said(values[b])} in ${b}, and nobody has said why.`,
      ),
    ...unexplained.map(
      (resource) =>
        `${resource} is another in ${b} with the settings of ${a}: the program has a case for one environment.`,
    ),
  ];
}

function said(value: unknown): string {
  if (value === undefined) return "not set";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 50 ? `${text.slice(0, 47)}...` : text;
}
