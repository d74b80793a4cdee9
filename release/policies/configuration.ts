import { type Exception, type Level, type Rule, rules } from "../../policies/catalogue";
import type { AllowedSizes, EnvironmentConfig } from "../../stacks/config/types";
import { SIZES } from "../../stacks/sizes";
import { wrongUse } from "../errors";
import { byDesign } from "./by-design";
import type { KnownImage } from "./images";

/** What the engine hands to the pack: a level and parameters for each rule. */
export type PackConfiguration = Record<string, { enforcementLevel: Level } & Record<string, unknown>>;

export interface Circumstances {
  /** Machines of the web tier that the budget has room for, where that is known. */
  machinesInBudget?: number | undefined;
  /** Of the machines' images, as far as somebody has looked. */
  images?: readonly KnownImage[] | undefined;
  /** `2027-03-31`; default: today. */
  today?: string;
}

/** Tags that the program gives to everything; see stacks/environment.ts. */
const TAGS = ["retrofit:environment", "retrofit:application"];

// Roles and the file as text: what makes the machines takes seconds to load. A test makes an environment of all of them.
const FORWARDER = "/etc/retrofit/log-forwarder.conf";

/** Roles whose machines send nothing to the log store, each for a reason of its own. */
export const WITHOUT_FORWARDER = [
  "migration", // says what it does to the command that has it work; what was done is in the history of the database
  "container_host", // AWS's own image for ECS; its containers log to CloudWatch
];

/** What a rule is told about this environment, from its size and from what its file says. */
const PARAMETERS: Record<
  string,
  (config: EnvironmentConfig, circumstances: Circumstances) => Record<string, unknown>
> = {
  "required-tags": () => ({ tags: TAGS }),
  "allowed-machine-types": (config) => ({ types: allowedIn(config).machineTypes }),
  "allowed-database-classes": (config) => ({ classes: allowedIn(config).databaseClasses }),
  "machines-within-budget": (config, { machinesInBudget = Number.POSITIVE_INFINITY }) => ({
    machines: Math.min(allowedIn(config).machines, machinesInBudget),
  }),
  "image-owner-and-age": ({ policies }, { images }) =>
    policies?.images && images ? { ...policies.images, images } : {},
  "log-forwarder": ({ logs }) =>
    logs ? { forwarders: [FORWARDER], roleTag: "retrofit:role", without: WITHOUT_FORWARDER } : {},
};

function allowedIn({ size, policies }: EnvironmentConfig): AllowedSizes {
  const { machineTypes, databaseClasses, machines } = SIZES[size].allowed;
  const { allowed = {} } = policies ?? {};
  return {
    machineTypes: [...machineTypes, ...(allowed.machineTypes ?? [])],
    databaseClasses: [...databaseClasses, ...(allowed.databaseClasses ?? [])],
    machines: allowed.machines ?? machines,
  };
}

/** The pack's configuration for an environment. */
export function packConfiguration(
  config: EnvironmentConfig,
  circumstances: Circumstances = {},
): PackConfiguration {
  const { enforcement = {}, relaxed = [], exceptions = [] } = config.policies ?? {};
  const named = [...Object.keys(enforcement), ...[...relaxed, ...exceptions].map(({ rule }) => rule)];
  refuseUnknown(config.environment, named);
  refuseWeaker(config.environment, enforcement);
  const { today = new Date().toISOString().slice(0, 10) } = circumstances;
  return Object.fromEntries(
    rules.map((rule) => {
      const own = [
        ...exceptions
          .filter((exception) => exception.rule === rule.name)
          .map(({ rule: _, ...exception }): Exception => exception),
        ...byDesign(config, rule.name),
      ];
      const less = relaxed.filter((one) => one.rule === rule.name);
      const holding = less.find(({ expires }) => expires >= today);
      // A day that is over makes the rule what it was, and its messages say whose word has ended.
      const over = holding ? [] : less.map(({ reason, expires }) => ({ resource: "*", reason, expires }));
      return [
        rule.name,
        {
          enforcementLevel: holding?.to ?? enforcement[rule.name] ?? levelOf(rule),
          protected: config.protected,
          ...(own.length + over.length > 0 && { exceptions: [...own, ...over] }),
          ...PARAMETERS[rule.name]?.(config, circumstances),
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

const STRENGTH: Record<Level, number> = { disabled: 0, advisory: 1, remediate: 2, mandatory: 2 };

/** To be enforced less a rule needs a reason and a day, as an exception does. */
function refuseWeaker(environment: string, enforcement: Record<string, Level>): void {
  const weaker = rules.filter((rule) => {
    const level = enforcement[rule.name];
    return level !== undefined && STRENGTH[level] < STRENGTH[levelOf(rule)];
  });
  if (weaker.length === 0) return;
  const example = weaker
    .map(({ name }) => `{ rule: ${name}, to: ${enforcement[name]}, reason: …, expires: YYYY-MM-DD }`)
    .join(", ");
  throw wrongUse(
    `Pulumi.${environment}.yaml enforces ${weaker.map(({ name }) => name).join(", ")} less than by default under retrofit:policies.enforcement, without a reason and a day.`,
    `Write relaxed: [${example}] in its place.`,
  );
}
