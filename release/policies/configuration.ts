import { type Level, type Rule, rules } from "../../policies/catalogue";
import type { EnvironmentConfig } from "../../stacks/config/types";
import { wrongUse } from "../errors";

/** What the engine hands to the pack: a level and parameters for each rule. */
export type PackConfiguration = Record<string, { enforcementLevel: Level } & Record<string, unknown>>;

/** Tags that the program gives to everything; see stacks/environment.ts. */
const TAGS = ["retrofit:environment", "retrofit:application"];

/** What a rule is told about this environment, from what the environment's file says anyway. */
const PARAMETERS: Record<string, (config: EnvironmentConfig) => Record<string, unknown>> = {
  "required-tags": () => ({ tags: TAGS }),
  "allowed-machine-types": ({ web }) => ({ types: [web.instanceType] }),
  "machines-within-budget": ({ web }) => ({ machines: web.max }),
};

/** The pack's configuration for an environment. */
export function packConfiguration(config: EnvironmentConfig): PackConfiguration {
  const { enforcement = {}, exceptions = [] } = config.policies ?? {};
  refuseUnknown(config.environment, [...Object.keys(enforcement), ...exceptions.map(({ rule }) => rule)]);
  return Object.fromEntries(
    rules.map((rule) => {
      const own = exceptions.filter((exception) => exception.rule === rule.name);
      return [
        rule.name,
        {
          enforcementLevel: enforcement[rule.name] ?? levelOf(rule),
          protected: config.protected,
          ...(own.length > 0 && { exceptions: own.map(({ rule: _, ...exception }) => exception) }),
          ...PARAMETERS[rule.name]?.(config),
        },
      ];
    }),
  );
}

export const levelOf = (rule: Rule): Level => rule.level ?? "mandatory";

function refuseUnknown(environment: string, named: string[]): void {
  const unknown = [...new Set(named)].filter((name) => !rules.some((rule) => rule.name === name));
  if (unknown.length === 0) return;
  throw wrongUse(
    `Pulumi.${environment}.yaml names ${unknown.length === 1 ? "a rule" : "rules"} that the policy pack does not have under retrofit:policies: ${unknown.join(", ")}.`,
    "`retrofit policies` lists the rules.",
  );
}
