/** What a picture of an environment shows, read from the state that the engine keeps. */
import { kindOf } from "../../policies/catalogue";
import { parseUrn, kindOf as wordsFor } from "../engine/urn";
import type { StateResource } from "../recovery/state";

export type Tier = "public" | "app" | "data";
export const TIERS: readonly Tier[] = ["public", "app", "data"];

/** A box: what it is, and what is to be said of it. */
export interface Item {
  title: string;
  lines: string[];
}

export interface Picture {
  environment: string;
  network: string;
  zones: string[];
  /** Address range by tier and zone. */
  subnets: Record<Tier, Record<string, string>>;
  /** Zones that have a NAT gateway. */
  gateways: string[];
  loadBalancer?: Item;
  /** Fleets with their share of the traffic, those that serve first. */
  fleets: (Item & { share: number })[];
  /** In the app subnets beside the fleets. */
  hosts: Item[];
  /** In the data subnets. */
  stores: Item[];
  /** Joined networks. */
  offices: Item[];
  /** Outside of the network. */
  services: Item[];
  /** How many there are of everything that is not shown, by what people call it. */
  others: Record<string, number>;
}

type Bag = Record<string, unknown>;

interface Known {
  kind: string;
  /** The kind, as people call it. */
  words: string;
  name: string;
  id: string;
  out: Bag;
}

const STORES: Record<string, (out: Bag) => Item> = {
  "rds/instance": (out) => ({
    title: out.replicateSourceDb ? "PostgreSQL replica" : "PostgreSQL",
    lines: [text(out.instanceClass), `${text(out.allocatedStorage)} GB${out.multiAz ? ", two zones" : ""}`],
  }),
  "rds/cluster": (out) => ({ title: "PostgreSQL, sharded", lines: [text(out.engineVersion)] }),
  "elasticache/replicationGroup": (out) => ({
    title: "Sessions (Valkey)",
    lines: [text(out.nodeType), out.multiAzEnabled ? "two zones" : "one zone"],
  }),
  "efs/fileSystem": (out) => ({ title: "Shared files", lines: [text(out.throughputMode)] }),
  "opensearch/domain": (out) => ({ title: "Logs (OpenSearch)", lines: [text(out.engineVersion)] }),
};

const SERVICES: Record<string, (known: Known) => Item> = {
  "s3/bucket": ({ name }) => ({ title: `Bucket: ${name}`, lines: [] }),
  "ecr/repository": ({ name }) => ({ title: `Images: ${name}`, lines: [] }),
  "secretsmanager/secret": ({ name }) => ({ title: `Secret: ${name}`, lines: [] }),
  "budgets/budget": ({ out }) => ({
    title: "Budget",
    lines: [`${text(out.limitAmount)} ${text(out.limitUnit)} a month`],
  }),
};

/** Kinds that are shown as part of something else. */
const SHOWN = [
  "ec2/vpc",
  "ec2/subnet",
  "ec2/natGateway",
  "lb/loadBalancer",
  "lb/listener",
  "autoscaling/group",
  "ec2/vpnConnection",
  "ec2/instance",
];

export function pictureOf(environment: string, state: readonly StateResource[]): Picture {
  const all = state.flatMap((resource) => knownOf(resource));
  const of = (kind: string) => all.filter((known) => known.kind === kind);
  const subnets = of("ec2/subnet");
  const boxed = [...SHOWN, ...Object.keys(STORES), ...Object.keys(SERVICES)];
  return {
    environment,
    network: text(of("ec2/vpc")[0]?.out.cidrBlock),
    zones: [...new Set(subnets.map(({ out }) => text(out.availabilityZone)))].sort(),
    subnets: Object.fromEntries(
      TIERS.map((tier) => [
        tier,
        Object.fromEntries(
          subnets
            .filter(({ name }) => name.includes(`-${tier}-`))
            .map(({ out }) => [text(out.availabilityZone), text(out.cidrBlock)]),
        ),
      ]),
    ) as Picture["subnets"],
    gateways: of("ec2/natGateway").map(({ out }) =>
      text(subnets.find(({ id }) => id === out.subnetId)?.out.availabilityZone),
    ),
    ...loadBalancerOf(of("lb/loadBalancer")[0], of("lb/listener")),
    fleets: fleetsOf(all),
    hosts: of("ec2/instance").map(({ name, out }) => ({ title: name, lines: [text(out.instanceType)] })),
    stores: all.flatMap(({ kind, out }) => STORES[kind]?.(out) ?? []),
    offices: of("ec2/vpnConnection").map(({ name }) => ({ title: name, lines: ["IPSec, two tunnels"] })),
    services: all.flatMap((known) => SERVICES[known.kind]?.(known) ?? []),
    others: countOf(all.filter(({ kind }) => !boxed.includes(kind))),
  };
}

function knownOf({ urn, type, id, outputs }: StateResource): Known[] {
  // Components and the engine's own have no id of AWS's.
  if (id === undefined || !type.startsWith("aws:")) return [];
  return [{ kind: kindOf(type), words: wordsFor(type), name: parseUrn(urn).name, id, out: outputs ?? {} }];
}

function loadBalancerOf(
  balancer: Known | undefined,
  listeners: readonly Known[],
): Pick<Picture, "loadBalancer"> {
  if (!balancer) return {};
  const ports = listeners.map(({ out }) => `${text(out.protocol)} ${text(out.port)}`).sort();
  return { loadBalancer: { title: "Load balancer", lines: [text(balancer.out.dnsName), ports.join(", ")] } };
}

/** The production listener is the one that is no test listener; its weights say who serves. */
function fleetsOf(all: readonly Known[]): Picture["fleets"] {
  const production = all.find(
    ({ kind, name }) => kind === "lb/listener" && !/-(test|redirect|http)$/.test(name),
  );
  const weights = weightsIn(production?.out.defaultActions);
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
  return all
    .filter(({ kind, out }) => kind === "autoscaling/group" && list(out.targetGroupArns).length > 0)
    .map(({ name, out }) => {
      const arn = text(list(out.targetGroupArns)[0]);
      const share = sum > 0 ? Math.round(((weights[arn] ?? 0) / sum) * 100) : 0;
      return {
        title: name,
        lines: [`${text(out.minSize)} to ${text(out.maxSize)} machines`, `${share} % of the traffic`],
        share,
      };
    })
    .sort((a, b) => b.share - a.share);
}

function weightsIn(actions: unknown): Record<string, number> {
  const weights: Record<string, number> = {};
  for (const action of list(actions) as Bag[]) {
    const groups = list((action.forward as Bag | undefined)?.targetGroups) as Bag[];
    // Where there is one group only, the provider names it once more beside the list.
    if (groups.length === 0 && action.targetGroupArn) weights[text(action.targetGroupArn)] = 100;
    for (const { arn, weight } of groups) weights[text(arn)] = Number(weight ?? 1);
  }
  return weights;
}

function countOf(rest: readonly Known[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { words } of rest) counts[words] = (counts[words] ?? 0) + 1;
  return counts;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (value === undefined || value === null ? "" : String(value));
