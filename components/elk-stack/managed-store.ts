/** The store as a domain of Amazon OpenSearch Service. */
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { LogResourcePolicy } from "@pulumi/aws/cloudwatch/logResourcePolicy";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { Domain } from "@pulumi/aws/opensearch/domain";
import * as pulumi from "@pulumi/pulumi";
import { transformed } from "../shared/transform";
import { domainAlarms } from "./alarms";
import { MASTER_TYPE, MASTERS, type ManagedStoreArgs, STORE_USER, TLS_POLICY } from "./args";
import { domainNameOf, nodesOf } from "./checks";
import { diskPerNode } from "./sizing";
import { snapshotStatements } from "./snapshot-access";
import type { MadeStore, StoreSurroundings } from "./store-form";

/** The store's own logs, and what each is called by the service. */
const LOGS = {
  INDEX_SLOW_LOGS: "index-slow",
  SEARCH_SLOW_LOGS: "search-slow",
  ES_APPLICATION_LOGS: "errors",
  AUDIT_LOGS: "audit",
} as const;

/** A store's surroundings, and the name of its domain. */
interface DomainSurroundings extends StoreSurroundings {
  readonly domainName: string;
}

export function makeManagedStore(
  name: string,
  args: ManagedStoreArgs,
  shared: StoreSurroundings,
  parent: pulumi.Resource,
): MadeStore {
  const around = { ...shared, domainName: domainNameOf(name, args) };
  const nodes = nodesOf(args);
  const storageGb = args.storageGb ?? diskPerNode(args, nodes);
  const { groups, policy } = makeLogGroups(name, args, around, parent);
  const domain = new Domain(
    ...transformed(
      args.transform?.domain,
      name,
      {
        domainName: around.domainName,
        engineVersion: `OpenSearch_${args.engineVersion ?? "2.19"}`,
        clusterConfig: clusterConfig(args, nodes),
        ebsOptions: { ebsEnabled: true, volumeType: "gp3", volumeSize: storageGb },
        vpcOptions: {
          subnetIds: args.network.subnetIds.data.apply((ids) => ids.slice(0, zonesOf(nodes))),
          securityGroupIds: [around.securityGroupId],
        },
        encryptAtRest: { enabled: true },
        nodeToNodeEncryption: { enabled: true },
        domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: TLS_POLICY },
        advancedSecurityOptions: {
          enabled: true,
          internalUserDatabaseEnabled: true,
          masterUserOptions: { masterUserName: STORE_USER, masterUserPassword: around.credentials.password },
        },
        // Whoever the security group lets in has to sign in: that is what the line above is for.
        accessPolicies: accessPolicy(around),
        logPublishingOptions: Object.entries(groups).map(([logType, group]) => ({
          logType,
          cloudwatchLogGroupArn: group.arn,
        })),
        offPeakWindowOptions: {
          enabled: true,
          offPeakWindow: { windowStartTime: { hours: 1, minutes: 0 } },
        },
        softwareUpdateOptions: { autoSoftwareUpdateEnabled: true },
        autoTuneOptions: autoTune(args),
        tags: { ...around.tags, Name: name },
      },
      {
        parent,
        dependsOn: [policy],
        protect: args.protected ?? false,
        additionalSecretOutputs: ["advancedSecurityOptions"],
      },
    ),
  );
  const snapshotRole = args.snapshots && makeSnapshotRole(name, args.snapshots, around, parent);
  return {
    endpoint: pulumi.interpolate`https://${domain.endpoint}`,
    dashboardsUrl: pulumi.interpolate`https://${domain.endpoint}/_dashboards`,
    ...(snapshotRole && { snapshotRoleArn: snapshotRole.arn }),
    alarms: domainAlarms(storageGb),
    namespace: "AWS/ES",
    dimensions: { DomainName: domain.domainName, ClientId: around.accountId },
  };
}

const zonesOf = (nodes: number): number => Math.min(3, nodes);

function clusterConfig(args: ManagedStoreArgs, nodes: number) {
  const masters = args.dedicatedMasters ?? args.protected ?? false;
  return {
    instanceType: args.instanceType ?? "t3.small.search",
    instanceCount: nodes,
    zoneAwarenessEnabled: nodes > 1,
    ...(nodes > 1 && { zoneAwarenessConfig: { availabilityZoneCount: zonesOf(nodes) } }),
    dedicatedMasterEnabled: masters,
    ...(masters && { dedicatedMasterType: args.masterType ?? MASTER_TYPE, dedicatedMasterCount: MASTERS }),
  };
}

/** Nodes of type t2 and t3 have none. */
function autoTune({ instanceType = "t3.small.search" }: ManagedStoreArgs) {
  return { desiredState: /^t[23]\./.test(instanceType) ? "DISABLED" : "ENABLED" };
}

function accessPolicy({ domainName, region, accountId }: DomainSurroundings): pulumi.Output<string> {
  return pulumi.all([region, accountId]).apply(([inRegion, account]) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: "*" },
          Action: "es:ESHttp*",
          Resource: `arn:aws:es:${inRegion}:${account}:domain/${domainName}/*`,
        },
      ],
    }),
  );
}

function makeLogGroups(
  name: string,
  args: ManagedStoreArgs,
  around: DomainSurroundings,
  parent: pulumi.Resource,
) {
  const groups = Object.fromEntries(
    Object.entries(LOGS).map(([type, suffix]) => [
      type,
      new LogGroup(
        `${name}-${suffix}`,
        {
          name: `/aws/opensearch/${around.domainName}/${suffix}`,
          retentionInDays: args.logRetentionDays ?? 30,
          tags: around.tags,
        },
        { parent },
      ),
    ]),
  );
  const arns = Object.values(groups).map(({ arn }) => arn);
  const policy = new LogResourcePolicy(
    `${name}-logs`,
    {
      policyName: `opensearch-${around.domainName}`,
      policyDocument: pulumi.all(arns).apply((found) =>
        JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "es.amazonaws.com" },
              Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:PutLogEventsBatch"],
              Resource: found.flatMap((arn) => [arn, `${arn}:*`]),
            },
          ],
        }),
      ),
    },
    { parent },
  );
  return { groups, policy };
}

function makeSnapshotRole(
  name: string,
  { bucket, prefix }: NonNullable<ManagedStoreArgs["snapshots"]>,
  { tags, accountId }: StoreSurroundings,
  parent: pulumi.Resource,
): Role {
  const role = new Role(
    `${name}-snapshots`,
    {
      assumeRolePolicy: pulumi.output(accountId).apply((account) =>
        JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "es.amazonaws.com" },
              Action: "sts:AssumeRole",
              Condition: { StringEquals: { "aws:SourceAccount": account } },
            },
          ],
        }),
      ),
      tags,
    },
    { parent },
  );
  new RolePolicy(
    `${name}-snapshots`,
    {
      role: role.name,
      policy: pulumi
        .output(bucket)
        .apply((name) =>
          JSON.stringify({ Version: "2012-10-17", Statement: snapshotStatements(name, prefix) }),
        ),
    },
    { parent },
  );
  return role;
}
