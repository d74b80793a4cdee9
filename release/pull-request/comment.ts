/** The comment of a pull request, in Markdown. Pure: what was checked goes in, the text comes out. */
import { type Change, describeChanges } from "../engine/changes";
import type { Loss } from "../engine/losses";
import { ExitCode } from "../errors";
import { count } from "../output";
import type { Finding } from "../policies/findings";
import { type CheckedEnvironment, messageOf } from "./check";
import { costLines } from "./cost-lines";

/** Rows of a table that are shown; hosts of pull requests limit the length of a comment. */
const MOST_ROWS = 40;
const MOST_CHARACTERS = 60_000;

/** The first line of a comment, by which the next run finds it again. */
export const markerOf = (project: string): string => `<!-- retrofit:check ${project} -->`;
export const MARKER = /^<!-- retrofit:check [^\n>]* -->$/;

export function commentOf(project: string, checked: readonly CheckedEnvironment[]): string {
  const text = [markerOf(project), headline(project, checked), ...checked.map(section)].join("\n\n");
  const whole =
    text.length <= MOST_CHARACTERS
      ? text
      : `${text.slice(0, text.lastIndexOf("\n", MOST_CHARACTERS))}\n\n…the rest is in the log of the check.`;
  return `${whole.trim()}\n`;
}

function headline(project: string, checked: readonly CheckedEnvironment[]): string {
  if (checked.length === 0) return `### ✅ ${project}: no environment is touched by this change`;
  const refused = checked.filter(({ refusal }) => refusal);
  if (refused.length === 0) return `### ✅ ${project}: ${names(checked)} can take this change`;
  return `### ❌ ${project}: ${names(refused)} cannot take this change`;
}

const names = (checked: readonly CheckedEnvironment[]): string =>
  checked.map(({ environment }) => environment).join(", ");

function section(checked: CheckedEnvironment): string {
  const { environment, findings, refusal, costs } = checked;
  const parts = [`#### ${refusal ? "❌" : "✅"} ${environment}`];
  if (!findings) {
    parts.push(`The preview could not be made:\n\n${fenced(refusal?.message ?? "")}`);
  } else {
    parts.push(`**What changes**: ${describeChanges(findings.changes) || "nothing"}`);
    if (costs) parts.push(...costLines(costs));
    parts.push(...lossLines(checked), ...policyLines(findings));
  }
  if (refusal && refusal.exitCode === ExitCode.failed && findings) parts.push(said(refusal.hint ?? ""));
  if (findings) parts.push(...changeTable(findings.changes));
  return parts.join("\n\n");
}

function lossLines({ environment, findings, unconfirmed }: CheckedEnvironment): string[] {
  const losses = findings?.losses ?? [];
  if (losses.length === 0) return [];
  const line = (loss: Loss) => {
    const why = loss.because.length > 0 ? ` because of ${loss.because.map(code).join(", ")}` : "";
    const word = unconfirmed.includes(loss) ? "" : " (confirmed)";
    return `- ${unconfirmed.includes(loss) ? "❌" : "⚠️"} ${code(loss.resource)} would be ${loss.operation}${why}, and with it ${said(loss.holds)}${word}`;
  };
  const ask = `If that is meant, say so in the message of a commit of this change, one line for each:\n\n${fenced(
    unconfirmed.map(({ name }) => `Confirm-Loss: ${environment}/${name}`).join("\n"),
  )}`;
  return [
    `**What cannot be had back**\n\n${losses.map(line).join("\n")}`,
    ...(unconfirmed.length > 0 ? [ask] : []),
  ];
}

function policyLines({
  mandatory,
  advisory,
  notRun,
  waiting,
  remediated,
}: NonNullable<CheckedEnvironment["findings"]>) {
  const item = (sign: string, text: (finding: Finding) => string) => (finding: Finding) =>
    `- ${sign} ${code(finding.rule)}, ${code(finding.resource)}: ${text(finding)}`;
  const message = (finding: Finding) => said(messageOf(finding));
  const lines = [
    ...notRun.map(item("❌", () => "could not run, so nobody knows whether it holds")),
    ...mandatory.map(item("❌", message)),
    ...advisory.map(item("⚠️", message)),
    ...remediated.map(item("🔧", () => "is corrected by the rule")),
  ];
  const rules = [...new Set(waiting.map(({ rule }) => code(rule)))];
  if (rules.length > 0)
    lines.push(`- ${rules.join(", ")}: decided by the update, before it touches the resource`);
  return [
    lines.length > 0
      ? `**Policy**\n\n${shortened([...new Set(lines)]).join("\n")}`
      : "**Policy**: every rule holds",
  ];
}

function changeTable(changes: readonly Change[]): string[] {
  if (changes.length === 0) return [];
  const order: Change["operation"][] = ["delete", "replace", "update", "create"];
  const sorted = [...changes].sort((a, b) => order.indexOf(a.operation) - order.indexOf(b.operation));
  const rows = sorted.map(
    ({ operation, resource, because }) =>
      `| ${operation} | ${code(resource)} | ${because.map(code).join(", ")} |`,
  );
  const more =
    rows.length > MOST_ROWS ? `\n\nand ${rows.length - MOST_ROWS} more, in the log of the check` : "";
  const table = ["| | resource | because of |", "| --- | --- | --- |", ...rows.slice(0, MOST_ROWS)].join(
    "\n",
  );
  return [`<details><summary>${count(rows.length, "change")}</summary>\n\n${table}${more}\n\n</details>`];
}

function shortened(lines: string[]): string[] {
  if (lines.length <= MOST_ROWS) return lines;
  return [...lines.slice(0, MOST_ROWS), `- and ${lines.length - MOST_ROWS} more, in the log of the check`];
}

/** Names of resources are what somebody has typed: nothing in them may become markup, or end a cell. */
const code = (text: string): string =>
  `\`${text.replace(/\s+/g, " ").replaceAll("`", "'").replaceAll("|", "∣")}\``;

const said = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]<>|]/g, "\\$&")
    .replaceAll("@", "@\u2060")
    .trim();

const fenced = (text: string): string => `\`\`\`text\n${text.replaceAll("```", "'''")}\n\`\`\``;
