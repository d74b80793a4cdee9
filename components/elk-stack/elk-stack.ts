import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import * as pulumi from "@pulumi/pulumi";
import { Doors } from "../shared/doors";
import { makeAlarms } from "./alarms";
import { type ElkStackArgs, STORE_PORT } from "./args";
import { makeCarryIn } from "./carry-in/carry-in";
import { checkElkStack, nodesOf } from "./checks";
import { makeCredentials, makeWriter } from "./credentials";
import { makeManagedStore } from "./managed-store";
import { makeSelfHostedStore, portsOf } from "./self-hosted";
import { replicasFor } from "./sizing";

/**
 * Where the log lines of one environment, or of several, come together. It takes lines from whoever was let in and signs
 * in; what it does with them is brought by `setUpStore` (`retrofit logs setup`).
 *
 * @throws ResourceError listing everything wrong with the arguments.
 */
export class ElkStack extends pulumi.ComponentResource {
  /** `https://…`; the bulk interface and everything else of the store. */
  public readonly endpoint: pulumi.Output<string>;
  /** Where people look at lines; reachable from `viewers` and with sign-in only. A store of one's own may have none. */
  public readonly dashboardsUrl: pulumi.Output<string> | undefined;
  /** Secret with `username` and `password` of the user that may do everything: for people and setup, not for machines. */
  public readonly secretArn: pulumi.Output<string>;
  /** Secret with `username` and `password` of the user that may write lines and nothing else: for machines. */
  public readonly writerSecretArn: pulumi.Output<string>;
  public readonly securityGroupId: pulumi.Output<string>;
  /** Copies of each line beside the first, for the templates. */
  public readonly replicas: number;
  /** The role by which the store writes snapshots, where there is a bucket for them. */
  public readonly snapshotRoleArn: pulumi.Output<string> | undefined;
  /** What the store's certificate is checked with, in PEM, where the store is one's own. No secret. */
  public readonly trustedCertificate: pulumi.Output<string> | undefined;
  public readonly alarmNames: pulumi.Output<string[]>;
  private readonly doors: Doors;

  constructor(name: string, args: ElkStackArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:elk-stack:ElkStack", name, {}, opts);
    checkElkStack(name, args).throwIfAny(this);
    const parent = { parent: this };
    const tags = { ...args.tags };
    const region = getRegionOutput({}, parent).apply((found) => found.region ?? found.name);
    const accountId = getCallerIdentityOutput({}, parent).accountId;
    this.doors = new Doors(name, STORE_PORT, args.network, args.tags, this);
    this.admitViewers(name, args);
    const secret = { protected: args.protected ?? false, tags };
    const credentials = makeCredentials(name, secret, this);
    const writerSecretArn = makeWriter(name, secret, this).arn;
    const securityGroupId = this.doors.group.id;
    const around = { region, accountId, securityGroupId, credentials, writerSecretArn, tags };
    const store =
      args.store === "selfHosted"
        ? makeSelfHostedStore(name, args, around, this)
        : makeManagedStore(name, args, around, this);
    if (store.machinesSecurityGroupId) this.allowFrom("nodes", store.machinesSecurityGroupId);
    const alarms = makeAlarms(name, { ...store, topics: args.alarmTopicArns ?? [], tags }, this);

    this.endpoint = store.endpoint;
    this.dashboardsUrl = store.dashboardsUrl;
    this.trustedCertificate = store.trustedCertificate;
    this.secretArn = credentials.arn;
    this.writerSecretArn = writerSecretArn;
    this.securityGroupId = this.doors.group.id;
    this.replicas = replicasFor(nodesOf(args));
    this.snapshotRoleArn = store.snapshotRoleArn;
    this.alarmNames = pulumi.all(alarms.map((alarm) => alarm.name));
    if (args.carryIn) {
      const { endpoint, trustedCertificate } = this;
      const allowFrom = this.allowFrom.bind(this);
      makeCarryIn(
        name,
        { ...args, carryIn: args.carryIn },
        { endpoint, secretArn: writerSecretArn, trustedCertificate, region, accountId, allowFrom },
        this,
      );
    }
    this.registerOutputs({
      endpoint: this.endpoint,
      dashboardsUrl: this.dashboardsUrl,
      secretArn: this.secretArn,
      writerSecretArn: this.writerSecretArn,
      securityGroupId: this.securityGroupId,
    });
  }

  /** Lets the members of a security group in, and out to the store. `who` names it and is part of the rules' names. */
  allowFrom(who: string, securityGroupId: pulumi.Input<string>): void {
    this.doors.open(who, securityGroupId);
  }

  private admitViewers(name: string, args: ElkStackArgs): void {
    const ports = args.store === "selfHosted" ? portsOf(args).map(({ outside }) => outside) : [STORE_PORT];
    for (const cidrIpv4 of args.viewers ?? []) {
      for (const port of ports) {
        const child = `${name}-viewers-${cidrIpv4.replace(/[./]/g, "-")}`;
        new SecurityGroupIngressRule(
          port === STORE_PORT ? child : `${child}-${port}`,
          {
            securityGroupId: this.doors.group.id,
            ipProtocol: "tcp",
            fromPort: port,
            toPort: port,
            cidrIpv4,
            description: `dashboards and searches from ${cidrIpv4}`,
          },
          { parent: this },
        );
      }
    }
  }
}
