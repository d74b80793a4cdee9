/** Where components break a rule by what they are: exceptions that nobody has to write for an environment that uses them. */
import type { Exception } from "../../policies/catalogue";
import type { EnvironmentConfig } from "../../stacks/config/types";

/** Until then it is looked at again whether it still has to be so. */
const EXPIRES = "2027-11-30";

interface ByDesign {
  rule: string;
  /** Names of resources, as the program makes them; none where the environment does not use the component. */
  resources: (config: EnvironmentConfig) => string[];
  reason: string;
}

const repositories = ({ files }: EnvironmentConfig) =>
  files.filter(({ mode }) => mode === "repository").map(({ name }) => name);
const ownStore = ({ logs }: EnvironmentConfig) => (logs && !logs.store ? logs : undefined);

const BY_DESIGN: readonly ByDesign[] = [
  {
    rule: "load-balancer-health",
    resources: (config) => (ownStore(config)?.selfHosted ? ["logs-*"] : []),
    reason: "A new machine would not make a log store whole that is not; the store itself says how it is",
  },
  {
    rule: "machines-in-two-zones",
    resources: (config) => (ownStore(config)?.selfHosted ? ["logs-*"] : []),
    reason: "A node's disk is in one zone, and the node with it; the nodes are in several",
  },
  {
    rule: "machines-in-two-zones",
    resources: ({ docker }) =>
      docker && (docker.diskSizeGb !== undefined || (docker.hosts ?? 1) > 1) ? ["docker-*"] : [],
    reason: "A host's disk is in one zone, and the host with it; of two hosts each has a zone of its own",
  },
  {
    rule: "secrets-kept-as-secrets",
    resources: ({ sessions }) => (sessions ? ["sessions"] : []),
    reason: "Another tokenGeneration renews it in an update, in which the former token stays good",
  },
  {
    rule: "secrets-kept-as-secrets",
    resources: (config) => repositories(config).flatMap((name) => [`${name}-reader`, `${name}-writer`]),
    reason: "A new password is written by hand and in force when the repository's door is opened again",
  },
  {
    rule: "secrets-kept-as-secrets",
    resources: (config) => (ownStore(config) ? ["logs-user"] : []),
    reason: "A log store begins with it: a new password is set in the store first, then here, by hand",
  },
  {
    rule: "secrets-kept-as-secrets",
    resources: (config) => (ownStore(config) ? ["logs-writer"] : []),
    reason:
      "A new password is written by hand, and in force with the next setup and the forwarders' next start",
  },
  {
    rule: "secrets-kept-as-secrets",
    resources: (config) => (ownStore(config)?.selfHosted ? ["logs-authority"] : []),
    reason: "An authority of ten years, by which every node and every sender checks the store",
  },
];

/** The rules that some component breaks. */
export const RULES_BY_DESIGN: readonly string[] = [...new Set(BY_DESIGN.map(({ rule }) => rule))];

/** The exceptions of an environment from a rule. */
export const byDesign = (config: EnvironmentConfig, rule: string): Exception[] =>
  BY_DESIGN.filter((one) => one.rule === rule).flatMap(({ resources, reason }) =>
    resources(config).map((resource) => ({ resource, reason, expires: EXPIRES })),
  );
