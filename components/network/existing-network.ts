import * as pulumi from "@pulumi/pulumi";
import { isPlain, type Problem, Problems } from "../shared/validation";
import { TIERS, type Tier } from "./address-plan";
import { parseCidr } from "./cidr";
import type { NetworkLike, NetworkPlan } from "./network-like";

type Ids = pulumi.Input<pulumi.Input<string>[]>;

export interface ExistingNetworkArgs {
  vpcId: pulumi.Input<string>;
  /** The VPC's IPv4 block. */
  cidr: pulumi.Input<string>;
  /** Ids by tier. A tier left out counts as one that the network does not have. */
  subnets: Partial<Record<Tier, Ids>>;
  /** Ids by tier, for what adds routes, such as a VPN, which needs each given as a list: it makes one resource for each. */
  routeTables?: Partial<Record<Tier, Ids>>;
}

/** A VPC that was made elsewhere, in the shape that other components take. It makes no resources. */
export class ExistingNetwork extends pulumi.ComponentResource implements NetworkLike {
  readonly vpcId: pulumi.Output<string>;
  readonly cidr: pulumi.Output<string>;
  readonly subnetIds: Record<Tier, pulumi.Output<string[]>>;
  readonly routeTableIds: Record<Tier, pulumi.Output<string[]>>;
  readonly plan?: NetworkPlan;

  constructor(name: string, args: ExistingNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:network:ExistingNetwork", name, {}, opts);
    const problems = new Problems(`Existing network "${name}"`);
    problems.add(...existingNetworkProblems(args));
    problems.throwIfAny(this);

    this.vpcId = pulumi.output(args.vpcId);
    this.cidr = pulumi.output(args.cidr);
    this.subnetIds = byTier(args.subnets);
    this.routeTableIds = byTier(args.routeTables);
    this.plan = planOf(args);
    this.registerOutputs({
      vpcId: this.vpcId,
      cidr: this.cidr,
      subnetIds: this.subnetIds,
      routeTableIds: this.routeTableIds,
    });
  }
}

function byTier(ids: Partial<Record<Tier, Ids>> = {}): Record<Tier, pulumi.Output<string[]>> {
  const of = (tier: Tier) => pulumi.output(ids[tier] ?? []) as pulumi.Output<string[]>;
  return { public: of("public"), app: of("app"), data: of("data") };
}

function planOf({ cidr, routeTables = {} }: ExistingNetworkArgs): NetworkPlan | undefined {
  const lists = TIERS.map((tier) => routeTables[tier] ?? []);
  if (!isPlain(cidr) || !lists.every((list) => isPlain(list))) return undefined;
  const [publicTables, app, data] = lists.map((list) => (list as unknown[]).length) as [
    number,
    number,
    number,
  ];
  return { cidr, routeTables: { public: publicTables, app, data } };
}

/** Checks what is here now; ids that another resource gives are right by their origin. */
function existingNetworkProblems({
  vpcId,
  cidr,
  subnets = {},
  routeTables = {},
}: ExistingNetworkArgs): Problem[] {
  const problems: Problem[] = [];
  if (vpcId === undefined || (isPlain(vpcId) && !vpcId.startsWith("vpc-"))) {
    const fix = "Pass the id of the VPC, not its name or ARN.";
    problems.push({ property: "vpcId", got: vpcId, allowed: "an id such as vpc-0123456789abcdef0", fix });
  }
  if (cidr === undefined || (isPlain(cidr) && parseCidr(cidr) === undefined)) {
    const fix = `Pass the VPC's primary IPv4 block, such as "10.0.0.0/16".`;
    problems.push({ property: "cidr", got: cidr, allowed: "an IPv4 block", fix });
  }
  if (!TIERS.some((tier) => subnets[tier] !== undefined)) {
    const fix = "Pass at least one of public, app and data.";
    problems.push({ property: "subnets", got: subnets, allowed: "lists of subnet ids by tier", fix });
  }
  return [
    ...problems,
    ...idProblems("subnets", subnets, "subnet-"),
    ...idProblems("routeTables", routeTables, "rtb-"),
  ];
}

function idProblems(property: string, lists: Partial<Record<Tier, Ids>>, prefix: string): Problem[] {
  return Object.entries(lists).flatMap(([tier, ids]): Problem[] => {
    const path = `${property}.${tier}`;
    if (!(TIERS as readonly string[]).includes(tier)) {
      const allowed = `${property}.public, ${property}.app and ${property}.data`;
      return [{ property: path, got: ids, allowed, fix: "Use one of these three." }];
    }
    if (!isPlain(ids)) return [];
    return ids
      .filter((id) => isPlain(id) && !id.startsWith(prefix))
      .map((id) => ({
        property: path,
        got: id,
        allowed: `ids that begin with "${prefix}"`,
        fix: "Pass ids.",
      }));
  });
}
