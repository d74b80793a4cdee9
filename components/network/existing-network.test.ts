import * as awsx from "@pulumi/awsx/ec2";
import * as pulumi from "@pulumi/pulumi";
import { errorOf, graphOf, resolved } from "../shared/mocks";
import type { ExistingNetworkArgs } from "./existing-network";
import { Network } from "./network";
import type { NetworkLike } from "./network-like";

const AWSX_VPC = "awsx:ec2:Vpc";

describe("a network made elsewhere", () => {
  test("an awsx VPC passes its outputs in as they are", async () => {
    const graph = await graphOf(
      (): NetworkLike => {
        const vpc = new awsx.Vpc("legacy", { cidrBlock: "10.9.0.0/16" });
        return Network.fromExisting("legacy", {
          vpcId: vpc.vpcId,
          cidr: vpc.vpc.cidrBlock,
          subnets: { public: vpc.publicSubnetIds, app: vpc.privateSubnetIds, data: vpc.isolatedSubnetIds },
        });
      },
      {
        state: ({ type }) =>
          type === AWSX_VPC
            ? {
                vpcId: "vpc-9",
                vpc: { cidrBlock: "10.9.0.0/16" },
                publicSubnetIds: ["subnet-p1", "subnet-p2"],
                privateSubnetIds: ["subnet-a1", "subnet-a2"],
                isolatedSubnetIds: ["subnet-d1"],
              }
            : undefined,
      },
    );
    const outputs = {
      vpcId: "vpc-9",
      cidr: "10.9.0.0/16",
      subnetIds: {
        public: ["subnet-p1", "subnet-p2"],
        app: ["subnet-a1", "subnet-a2"],
        data: ["subnet-d1"],
      },
      routeTableIds: { public: [], app: [], data: [] },
    };
    expect(graph.one("retrofit:network:ExistingNetwork").outputs).toEqual(outputs);
    await expect(resolved(graph.result.subnetIds.app)).resolves.toEqual(outputs.subnetIds.app);
    // It makes nothing of its own.
    expect(graph.resources.map((r) => r.type).sort()).toEqual([AWSX_VPC, "retrofit:network:ExistingNetwork"]);
  });

  test("a tier that is left out is empty, and route tables are passed on", async () => {
    const graph = await graphOf(() =>
      Network.fromExisting("old", {
        vpcId: "vpc-1",
        cidr: "10.9.0.0/16",
        subnets: { app: ["subnet-1", pulumi.output("subnet-2")] },
        routeTables: { app: ["rtb-1"] },
      }),
    );
    const { subnetIds, routeTableIds } = graph.result;
    await expect(resolved(subnetIds.public)).resolves.toEqual([]);
    await expect(resolved(subnetIds.app)).resolves.toEqual(["subnet-1", "subnet-2"]);
    await expect(resolved(routeTableIds.app)).resolves.toEqual(["rtb-1"]);
  });

  test("every mistake in plain values is told at once", async () => {
    const args = {
      vpcId: "legacy",
      cidr: "10.9.0.0",
      subnets: { app: ["subnet-1", "rtb-2"], private: ["subnet-3"] },
      routeTables: { app: ["subnet-1"] },
    } as ExistingNetworkArgs;
    await expect(errorOf(() => Network.fromExisting("old", args))).resolves.toBe(
      `Existing network "old" has 5 mistakes:
  vpcId: got "legacy"; allowed: an id such as vpc-0123456789abcdef0
    → Pass the id of the VPC, not its name or ARN.
  cidr: got "10.9.0.0"; allowed: an IPv4 block
    → Pass the VPC's primary IPv4 block, such as "10.0.0.0/16".
  subnets.app: got "rtb-2"; allowed: ids that begin with "subnet-"
    → Pass ids.
  subnets.private: got ["subnet-3"]; allowed: subnets.public, subnets.app and subnets.data
    → Use one of these three.
  routeTables.app: got "subnet-1"; allowed: ids that begin with "rtb-"
    → Pass ids.`,
    );
  });

  test("missing values are told as missing", async () => {
    const message = await errorOf(() => Network.fromExisting("old", {} as ExistingNetworkArgs));
    expect(message).toContain("vpcId: missing");
    expect(message).toContain("cidr: missing");
    expect(message).toContain("Pass at least one of public, app and data.");
  });
});
