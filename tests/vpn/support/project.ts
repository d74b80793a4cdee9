/** A Pulumi project in a folder, as a user has it: a network and a VPN, with arguments that a test changes. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, type OpMap, type Stack } from "@pulumi/pulumi/automation";
import type { SiteToSiteVpnArgs } from "../../../components/network";

const root = join(__dirname, "..", "..", "..");

export type VpnArgs = Omit<SiteToSiteVpnArgs, "network">;

export class VpnProject {
  private constructor(
    readonly folder: string,
    readonly stack: Stack,
  ) {}

  static async make(folder: string, environment: string): Promise<VpnProject> {
    mkdirSync(folder, { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const settings = {
      name: "joined",
      runtime: { name: "nodejs", options: { typescript: false } },
      main: "index.js",
    };
    writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify(settings));
    writeFileSync(join(folder, `Pulumi.${environment}.yaml`), "config: {}\n");
    writeFileSync(
      join(folder, "index.js"),
      `require("ts-node").register(${JSON.stringify({ swc: true, cwd: root })});
       const { readFileSync } = require("node:fs");
       const ec2 = require("@pulumi/aws/ec2");
       const { Network, SiteToSiteVpn } = require(${JSON.stringify(join(root, "components", "network"))});
       const { cidr, args, open } = JSON.parse(readFileSync(__dirname + "/args.json", "utf8"));
       const network = new Network("main", { cidr, zones: 1, nat: "none", tiers: ["app", "data"], gatewayEndpoints: [], flowLogs: { enabled: false } });
       const machines = new ec2.SecurityGroup("machines", { vpcId: network.vpcId, description: "Machines" });
       const allow = open.map((rule) => ({ ...rule, securityGroupId: machines.id }));
       const vpn = args && new SiteToSiteVpn("vpn", { network, ...args, allow });
       exports.vpn = vpn && vpn.summary;
       exports.tunnels = vpn && vpn.tunnelAddresses;`,
    );
    const stack = await LocalWorkspace.createOrSelectStack({ stackName: environment, workDir: folder });
    return new VpnProject(folder, stack);
  }

  /** @param args Undefined for an environment without a VPN. */
  write(
    cidr: string,
    args: VpnArgs | undefined,
    open: Omit<NonNullable<VpnArgs["allow"]>[number], "securityGroupId">[] = [],
  ): void {
    writeFileSync(join(this.folder, "args.json"), JSON.stringify({ cidr, args, open }));
  }

  /** Returns what changed, without what stayed the same. */
  async up(refresh = false): Promise<OpMap> {
    const { summary } = await this.stack.up({ refresh });
    const { same: _, ...changes } = summary.resourceChanges ?? {};
    return changes;
  }
}
