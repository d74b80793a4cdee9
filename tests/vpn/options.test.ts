/** Every option of a VPN, changed on the real engine and provider: what AWS has afterwards, that it stays so, and that all goes again. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeCustomerGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeTransitGatewayAttachmentsCommand,
  DescribeTransitGatewaysCommand,
  DescribeVpnConnectionsCommand,
  DescribeVpnGatewaysCommand,
  EC2Client,
  type VpnConnection,
} from "@aws-sdk/client-ec2";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { startSandbox, stopSandbox } from "../../sandbox";
import { VpnProject } from "./support/project";

jest.setTimeout(10 * 60_000);

const folder = mkdtempSync(join(tmpdir(), "retrofit-vpn-options-"));
const environment = { ...process.env };
let ec2: EC2Client;
let project: VpnProject;

beforeAll(async () => {
  process.env.RETROFIT_SANDBOX = join(folder, "sandbox");
  Object.assign(process.env, (await startSandbox({ lease: true })).env);
  ec2 = new EC2Client({});
  project = await VpnProject.make(join(folder, "project"), "test");
}, 900_000);

afterAll(async () => {
  ec2?.destroy();
  await stopSandbox();
  rmSync(folder, { recursive: true, force: true });
  process.env = environment;
}, 60_000);

const CIDR = "10.30.0.0/16";
const networks = { legacy: "192.168.50.0/24" };
const values = (list: { Value?: unknown }[] | undefined) => (list ?? []).map(({ Value }) => Value);

async function connections(): Promise<VpnConnection[]> {
  const { VpnConnections = [] } = await ec2.send(new DescribeVpnConnectionsCommand({}));
  return VpnConnections.filter(({ State }) => State !== "deleted");
}

async function propagating(): Promise<number> {
  const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({}));
  return RouteTables.filter(({ PropagatingVgws = [] }) => PropagatingVgws.length > 0).length;
}

test("an old device: every word and every number reaches both tunnels, in place", async () => {
  project.write(CIDR, { peers: { office: { address: "198.51.100.2", networks } } });
  await project.up();
  const [before] = await connections();
  expect(await propagating()).toBe(2);
  project.write(
    CIDR,
    {
      peers: {
        office: {
          address: "198.51.100.3",
          networks: { ...networks, archive: "192.168.60.0/24" },
          deviceName: "old-firewall",
          loosen: ["ikev1", "sha1", "aes128", "cbc", "group14", "oldGroups", "longLifetimes", "noRestart"],
          tunnels: {
            dpdTimeoutSeconds: 60,
            rekeyMarginSeconds: 300,
            rekeyFuzzPercentage: 50,
            replayWindow: 512,
            lifecycleControl: true,
          },
        },
      },
      propagateTo: ["app"],
      logRetentionDays: 0,
      dashboard: false,
      alarmTopicArns: ["arn:aws:sns:eu-central-1:111122223333:on-call"],
    },
    [{ from: "archive", to: "web", ports: ["9000-9010"], protocol: "udp" }],
  );
  await project.up();
  const [after] = await connections();
  for (const tunnel of after!.Options!.TunnelOptions!) {
    expect(values(tunnel.IkeVersions).sort()).toEqual(["ikev1", "ikev2"]);
    expect(values(tunnel.Phase1IntegrityAlgorithms)).toContain("SHA1");
    expect(values(tunnel.Phase1EncryptionAlgorithms)).toEqual(
      expect.arrayContaining(["AES128", "AES256", "AES128-GCM-16"]),
    );
    expect(values(tunnel.Phase2DHGroupNumbers)).toEqual(expect.arrayContaining([2, 5, 14, 22, 23, 24]));
    expect([tunnel.Phase1LifetimeSeconds, tunnel.Phase2LifetimeSeconds]).toEqual([28_800, 3600]);
    expect([tunnel.DpdTimeoutSeconds, tunnel.DpdTimeoutAction, tunnel.StartupAction]).toEqual([
      60,
      "clear",
      "add",
    ]);
    expect([tunnel.RekeyMarginTimeSeconds, tunnel.RekeyFuzzPercentage, tunnel.ReplayWindowSize]).toEqual([
      300, 50, 512,
    ]);
    expect(tunnel.EnableTunnelLifecycleControl).toBe(true);
  }
  // Another address is another customer gateway, of the same connection: its tunnels and keys stay.
  expect(after!.VpnConnectionId).toBe(before!.VpnConnectionId);
  expect(after!.CustomerGatewayId).not.toBe(before!.CustomerGatewayId);
  expect(after!.Tags).toContainEqual({
    Key: "retrofit:loosened",
    Value: "aes128 cbc group14 ikev1 longLifetimes noRestart oldGroups sha1",
  });
  expect(after!.Routes?.map(({ DestinationCidrBlock }) => DestinationCidrBlock).sort()).toEqual([
    "192.168.50.0/24",
    "192.168.60.0/24",
  ]);
  expect(await propagating()).toBe(1);
});

test("BGP, another address, inside addresses, a number of AWS's and keys of one's own", async () => {
  const secrets = new SecretsManagerClient({});
  const { ARN } = await secrets.send(
    new CreateSecretCommand({
      Name: "vpn-keys",
      SecretString: JSON.stringify({ tunnel1: "first.key_1", tunnel2: "second.key_2" }),
    }),
  );
  secrets.destroy();
  project.write(CIDR, {
    amazonAsn: 64_600,
    peers: {
      office: {
        address: "198.51.100.77",
        asn: 65_010,
        networks,
        insideCidrs: ["169.254.20.0/30", "169.254.21.0/30"],
        presharedKeys: { secret: ARN! },
      },
    },
  });
  await project.up();
  const [connection] = await connections();
  expect(connection!.Options!.StaticRoutesOnly).toBe(false);
  expect(
    connection!.Options!.TunnelOptions!.map((tunnel) => [tunnel.TunnelInsideCidr, tunnel.PreSharedKey]),
  ).toEqual([
    ["169.254.20.0/30", "first.key_1"],
    ["169.254.21.0/30", "second.key_2"],
  ]);
  const { CustomerGateways = [] } = await ec2.send(new DescribeCustomerGatewaysCommand({}));
  expect(
    CustomerGateways.filter(({ State }) => State !== "deleted").map(({ IpAddress, BgpAsn }) => [
      IpAddress,
      BgpAsn,
    ]),
  ).toEqual([["198.51.100.77", "65010"]]);
  expect(await project.up(true)).toEqual({});
});

test("a hub with acceleration in place of the gateway", async () => {
  project.write(CIDR, {
    gateway: "tgw",
    accelerated: true,
    peers: { office: { address: "198.51.100.77", networks } },
  });
  await project.up();
  const [connection] = await connections();
  expect(connection!.Options!.EnableAcceleration).toBe(true);
  expect(connection!.TransitGatewayId).toMatch(/^tgw-/);
  const { VpnGateways = [] } = await ec2.send(new DescribeVpnGatewaysCommand({}));
  expect(VpnGateways.filter(({ State }) => State !== "deleted")).toEqual([]);
  expect(await project.up(true)).toEqual({});
});

test("goes without a trace", async () => {
  await project.stack.destroy();
  expect(await connections()).toEqual([]);
  const { TransitGateways = [] } = await ec2.send(new DescribeTransitGatewaysCommand({}));
  expect(TransitGateways.filter(({ State }) => State !== "deleted")).toEqual([]);
  const { TransitGatewayAttachments = [] } = await ec2.send(new DescribeTransitGatewayAttachmentsCommand({}));
  expect(
    TransitGatewayAttachments.filter(
      ({ State, ResourceType }) => State !== "deleted" && ResourceType === "vpc",
    ),
  ).toEqual([]);
});
