import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeAddressesCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { LocalWorkspace, type OpMap } from "@pulumi/pulumi/automation";
import { Network, type NetworkArgs } from "../../components/network";
import { startSandbox, stopSandbox } from "../../sandbox";

jest.setTimeout(10 * 60_000);

const root = join(__dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "retrofit-e2e-network-"));
const environment = { ...process.env };
let ec2: EC2Client;

beforeAll(async () => {
  process.env.RETROFIT_SANDBOX = folder;
  // A cold toolchain is built by `npm run setup`; here it is only started.
  const sandbox = await startSandbox({ lease: true });
  // The Automation API looks for the engine in this process's own PATH.
  Object.assign(process.env, sandbox.env);
  ec2 = new EC2Client({});
}, 900_000);

afterAll(async () => {
  ec2?.destroy();
  await stopSandbox();
  rmSync(folder, { recursive: true, force: true });
  process.env = environment;
}, 60_000);

interface Outputs {
  vpcId: string;
  subnetIds: Record<"public" | "app" | "data", string[]>;
}

function stackOf(args: NetworkArgs) {
  const program = async () => {
    const { vpcId, subnetIds } = new Network("main", args);
    return { vpcId, subnetIds };
  };
  const projectSettings = { name: "network", runtime: "nodejs" as const };
  return LocalWorkspace.createOrSelectStack(
    { stackName: "dev", projectName: "network", program },
    { projectSettings },
  );
}

async function up(args: NetworkArgs, refresh = false): Promise<{ changes: OpMap; outputs: Outputs }> {
  const { summary, outputs } = await (await stackOf(args)).up({ refresh });
  return {
    changes: summary.resourceChanges ?? {},
    outputs: { vpcId: outputs.vpcId?.value, subnetIds: outputs.subnetIds?.value },
  };
}

/** A program in a folder, as a user has it. Jest keeps from an inline one that something went wrong outside of any call. */
function programFolder(args: NetworkArgs): string {
  const program = join(folder, "program");
  mkdirSync(program);
  symlinkSync(join(root, "node_modules"), join(program, "node_modules"));
  const settings = {
    name: "network",
    runtime: { name: "nodejs", options: { typescript: false } },
    main: "index.js",
  };
  writeFileSync(join(program, "Pulumi.yaml"), JSON.stringify(settings));
  writeFileSync(
    join(program, "index.js"),
    `require("ts-node").register(${JSON.stringify({ swc: true, cwd: root })});
     const { Network } = require(${JSON.stringify(join(root, "components", "network"))});
     new Network("main", ${JSON.stringify(args)});`,
  );
  return program;
}

const small: NetworkArgs = { cidr: "10.0.0.0/16", zones: 2, interfaceEndpoints: ["ssm"] };
const grown: NetworkArgs = {
  ...small,
  zones: 3,
  nat: "perZone",
  ipv6: true,
  privateNetworks: ["192.168.10.0/24"],
};

describe("a network on the real engine and provider", () => {
  let made: Outputs;

  test("comes up with every subnet under its tier's ACL, the defaults locked, and no way out of data", async () => {
    made = (await up(small)).outputs;
    const { public: publicIds, app, data } = made.subnetIds;
    const filter = [{ Name: "vpc-id", Values: [made.vpcId] }];

    const { NetworkAcls = [] } = await ec2.send(new DescribeNetworkAclsCommand({ Filters: filter }));
    const coverage = NetworkAcls.map(({ IsDefault, Associations = [], Entries = [] }) => ({
      IsDefault,
      subnets: Associations.map((a) => a.SubnetId).sort(),
      allows: Entries.some((entry) => entry.RuleAction === "allow"),
    }));
    expect(coverage).toHaveLength(4);
    expect(coverage).toContainEqual({ IsDefault: true, subnets: [], allows: false });
    for (const ids of [publicIds, app, data]) {
      expect(coverage).toContainEqual({ IsDefault: false, subnets: [...ids].sort(), allows: true });
    }

    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: filter }));
    const theDefault = SecurityGroups.find((group) => group.GroupName === "default");
    expect([theDefault?.IpPermissions, theDefault?.IpPermissionsEgress]).toEqual([[], []]);

    const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({ Filters: filter }));
    const waysOut = (subnet: string) =>
      RouteTables.filter((table) => table.Associations?.some((a) => a.SubnetId === subnet))
        .flatMap((table) => table.Routes ?? [])
        .filter((route) => route.DestinationCidrBlock === "0.0.0.0/0")
        .map((route) => (route.NatGatewayId ? "NAT gateway" : "internet gateway"));
    for (const id of publicIds) expect(waysOut(id)).toEqual(["internet gateway"]);
    for (const id of app) expect(waysOut(id)).toEqual(["NAT gateway"]);
    for (const id of data) expect(waysOut(id)).toEqual([]);
  });

  test("grows by a zone, NAT per zone, IPv6 and an office, and nothing is replaced", async () => {
    const { changes, outputs } = await up(grown);
    expect(Object.keys(changes).sort()).toEqual(["create", "same", "update"]);
    for (const tier of ["public", "app", "data"] as const) {
      expect(outputs.subnetIds[tier].slice(0, 2)).toEqual(made.subnetIds[tier]);
      expect(outputs.subnetIds[tier]).toHaveLength(3);
    }
  });

  test("has nothing to change afterwards, even against what AWS says", async () => {
    const { changes } = await up(grown, true);
    expect(Object.keys(changes)).toEqual(["same"]);
  });

  test("more zones than the region has fail the preview with what to write", async () => {
    const stack = await LocalWorkspace.createOrSelectStack({
      stackName: "dev",
      workDir: programFolder({ cidr: "10.0.0.0/16", zones: 6, tiers: ["app"], flowLogs: { enabled: false } }),
    });
    await expect(stack.preview()).rejects.toThrow("zones: got 6; allowed: 1 to 3");
  });

  test("goes without a trace", async () => {
    const stack = await stackOf(grown);
    await stack.destroy();
    const filter = [{ Name: "vpc-id", Values: [made.vpcId] }];
    const [vpcs, subnets, interfaces, addresses, nats, endpoints] = await Promise.all([
      ec2.send(new DescribeVpcsCommand({ Filters: filter })),
      ec2.send(new DescribeSubnetsCommand({ Filters: filter })),
      ec2.send(new DescribeNetworkInterfacesCommand({ Filters: filter })),
      ec2.send(new DescribeAddressesCommand({})),
      ec2.send(new DescribeNatGatewaysCommand({})),
      ec2.send(new DescribeVpcEndpointsCommand({})),
    ]);
    expect([vpcs.Vpcs, subnets.Subnets, interfaces.NetworkInterfaces, addresses.Addresses]).toEqual([
      [],
      [],
      [],
      [],
    ]);
    // AWS lists these for a while after they are gone.
    const states = [...(nats.NatGateways ?? []), ...(endpoints.VpcEndpoints ?? [])].map((item) => item.State);
    expect(states.filter((state) => state !== "deleted")).toEqual([]);
  });
});
