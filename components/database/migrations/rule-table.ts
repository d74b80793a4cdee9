import { ruleGroups } from "./rules";
import type { Rule } from "./types";

const BEGIN = "<!-- rules: written by npm run generate:schema -->";
const END = "<!-- /rules -->";

/** Puts the table of all rules into the text of `docs/database-changes.md`, between its two marks. */
export function withRuleTable(text: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the text lacks the marks "${BEGIN}" and "${END}"`);
  return `${text.slice(0, begin + BEGIN.length)}\n${renderRules()}\n${text.slice(end)}`;
}

function renderRules(): string {
  return Object.entries(ruleGroups)
    .map(([title, rules]) =>
      [
        `### ${title}`,
        "",
        "| rule | class | for example | what happens | in safe steps |",
        "| --- | --- | --- | --- | --- |",
        ...rules.map(row),
      ].join("\n"),
    )
    .join("\n\n");
}

function row(rule: Rule): string {
  const cells = [`\`${rule.id}\``, classOf(rule), `\`${rule.example}\``, rule.why, rule.advice ?? ""];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
}

function classOf(rule: Rule): string {
  if (rule.never) return "refused";
  const notes = [
    ...(rule.blocks ? [`blocks ${rule.blocks}`] : []),
    ...(rule.alone ? ["file of its own"] : []),
  ];
  return [rule.class, ...notes].join("; ");
}
