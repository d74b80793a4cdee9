import type { Rule } from "../types";
import { dataRules } from "./data";
import { indexRules } from "./indexes";
import { otherRules } from "./others";
import { refusedRules } from "./refused";
import { tableRules } from "./tables";

/** All rules, by what they are about: the order of the table in `docs/database-changes.md`. */
export const ruleGroups = {
  "Tables and columns": tableRules,
  "Indexes and constraints": indexRules,
  "Rows and code": dataRules,
  "Everything else": otherRules,
  "Refused whatever is declared": refusedRules,
} as const;

export const rules: ReadonlyMap<string, Rule> = new Map(
  Object.values(ruleGroups)
    .flat()
    .map((rule) => [rule.id, rule]),
);
