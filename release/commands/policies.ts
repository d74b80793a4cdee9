import { type Exception, rules } from "../../policies/catalogue";
import { alone, COUNTERPARTS, coverage } from "../../policies/coverage";
import type { EnvironmentConfig } from "../../stacks/config";
import type { Context } from "../context";
import { levelOf, type PackConfiguration, packConfiguration } from "../policies/configuration";
import { openProject } from "../project";
import { loadEnvironment } from "../settings";

/** Lists the rules of the policy pack, as they are enforced in an environment or by default, and what they answer to. */
export async function policies(context: Context, environment: string | undefined): Promise<void> {
  const config =
    environment === undefined
      ? undefined
      : loadEnvironment(openProject(context.cwd, environment), environment);
  const configured = config && packConfiguration(config);
  const listed = rules.map((rule) => ({
    name: rule.name,
    severity: rule.severity,
    ids: [...rule.ids],
    enforcement: configured ? configured[rule.name]!.enforcementLevel : levelOf(rule),
    ...(rule.only && { only: rule.only }),
    title: rule.title,
    why: rule.why,
    fix: rule.fix,
  }));
  const words = config && configured ? wordsFor(config, configured) : [];
  const { output } = context;
  const width = Math.max(...listed.map(({ name }) => name.length));
  output.heading(`${listed.length} rules${environment ? `, as ${environment} enforces them` : ""}`);
  output.line(
    output.colors.dim(
      `${"rule".padEnd(width)}  ${"severity".padEnd(8)}  ${"enforced".padEnd(9)}  what holds, and its counterparts`,
    ),
  );
  for (const { name, severity, enforcement, only, title, ids } of listed) {
    const where = only ? " (prod-like)" : "";
    output.line(`${name.padEnd(width)}  ${severity.padEnd(8)}  ${enforcement.padEnd(9)}  ${title}${where}`);
    if (ids.length > 0) output.line(output.colors.dim(`${"".padEnd(width)}  ${ids.join(", ")}`));
  }
  if (words.length > 0) {
    output.line();
    output.heading(`What ${environment} is allowed, and until when`);
    for (const { rule, what, reason, expires } of words)
      output.line(`${rule.padEnd(width)}  ${what}  until ${expires}: ${reason}`);
  }
  output.line();
  output.heading("Coverage");
  const covered = coverage();
  for (const { tool, what, known, answered } of covered) {
    const of = known === undefined ? "" : `of ${String(known).padStart(4)}`;
    output.line(`${tool.padEnd(10)} ${String(answered).padStart(4)} ${of.padEnd(7)}  ${what}`);
  }
  for (const { without } of Object.values(COUNTERPARTS)) {
    for (const { ids, reason } of without)
      output.line(output.colors.dim(`  not taken over: ${ids.join(", ")}: ${reason}`));
  }
  output.line(`${alone().length} rules have no counterpart: ${alone().join(", ")}`);
  output.result({ rules: listed, coverage: covered, ...(config && { allowed: words }) });
}

/** Who is allowed what: rules that are relaxed for a while, and resources that may break one. */
function wordsFor({ policies }: EnvironmentConfig, configured: PackConfiguration) {
  const today = new Date().toISOString().slice(0, 10);
  const relaxed = (policies?.relaxed ?? [])
    .filter(({ expires }) => expires >= today)
    .map(({ rule, to, reason, expires }) => ({ rule, what: to, reason, expires }));
  const exceptions = Object.entries(configured).flatMap(([rule, { exceptions: own = [] }]) =>
    (own as Exception[])
      .filter(({ expires }) => expires >= today)
      .map(({ resource, reason, expires }) => ({ rule, what: `not for ${resource}`, reason, expires })),
  );
  return [...relaxed, ...exceptions];
}
