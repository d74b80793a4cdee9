import { gzipSync } from "node:zlib";
import { Group } from "@pulumi/aws/autoscaling/group";
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { debianImage, MachineRole } from "../../machine";
import type { NetworkLike } from "../../network";
import { MIGRATOR_PATH, migratorProgram } from "./migrator-program";

export interface OperationsMachineArgs {
  readonly network: NetworkLike;
  readonly region: string;
  readonly environment: string;
  /** Secret with the login of the database. */
  readonly secretArn: pulumi.Input<string>;
  /** Bucket that releases are fetched from. */
  readonly artifactBucketArn: pulumi.Input<string>;
  /** EC2 instance type. Default: `t3.nano`, the cheapest that runs everywhere. */
  readonly instanceType?: string;
  readonly tags?: Record<string, string>;
}

/**
 * The machine that migrations run on: one, small, in the app subnets, replaced by its group when it is lost. Nothing
 * reaches it but SSM; it may fetch releases and read the database's login, and nothing else.
 */
export class OperationsMachine extends pulumi.ComponentResource {
  /** Name of the Auto Scaling group that holds the one machine. */
  public readonly autoScalingGroup: pulumi.Output<string>;
  /** The database lets this one in. */
  public readonly securityGroupId: pulumi.Output<string>;

  constructor(name: string, args: OperationsMachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:database:OperationsMachine", name, {}, opts);
    const parent = { parent: this };
    const tags = { ...args.tags, Name: name, "retrofit:role": "migration" };
    const role = new MachineRole(name, { tags: { ...args.tags } }, parent);
    new RolePolicy(
      name,
      { role: role.roleName, policy: pulumi.all([args.secretArn, args.artifactBucketArn]).apply(rights) },
      parent,
    );
    const group = new SecurityGroup(
      name,
      {
        description: `Machine of migrations of ${args.environment}`,
        vpcId: args.network.vpcId,
        tags,
      },
      parent,
    );
    // In from nowhere; the database opens the way to itself.
    for (const port of [80, 443]) {
      new SecurityGroupEgressRule(
        `${name}-out-${port}`,
        {
          securityGroupId: group.id,
          ipProtocol: "tcp",
          fromPort: port,
          toPort: port,
          cidrIpv4: "0.0.0.0/0",
          description: port === 80 ? "package mirrors" : "AWS and package mirrors",
        },
        parent,
      );
    }
    const instanceType = args.instanceType ?? "t3.nano";
    const template = new LaunchTemplate(
      name,
      {
        imageId: debianImage(instanceType, parent),
        instanceType,
        userData: Buffer.from(operationsUserData(args.region, args.environment)).toString("base64"),
        iamInstanceProfile: { arn: role.instanceProfileArn },
        vpcSecurityGroupIds: [group.id],
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          {
            deviceName: "/dev/xvda",
            ebs: { volumeSize: 8, volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" },
          },
        ],
        tagSpecifications: ["instance", "volume"].map((resourceType) => ({ resourceType, tags })),
        tags,
      },
      {
        ...parent,
        ignoreChanges: ["imageId"],
        replaceOnChanges: ["userData", "instanceType", "vpcSecurityGroupIds"],
      },
    );
    const machines = new Group(
      name,
      {
        launchTemplate: { id: template.id, version: pulumi.interpolate`${template.latestVersion}` },
        minSize: 1,
        maxSize: 1,
        vpcZoneIdentifiers: args.network.subnetIds.app,
        healthCheckType: "EC2",
        waitForCapacityTimeout: "0",
        tags: Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
      },
      { ...parent, replaceWith: [template] },
    );
    this.autoScalingGroup = machines.name;
    this.securityGroupId = group.id;
    this.registerOutputs({ autoScalingGroup: this.autoScalingGroup, securityGroupId: this.securityGroupId });
  }
}

function rights([secretArn, bucketArn]: readonly string[]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: secretArn },
      { Effect: "Allow", Action: ["s3:GetObject"], Resource: `${bucketArn}/releases/*` },
    ],
  });
}

/** Cloud-init of the machine: PostgreSQL's client, the SSM agent, the migrator (packed, since user data is small). */
export function operationsUserData(region: string, environment: string): string {
  const agent = `s3://amazon-ssm-${region}/latest/debian_$(dpkg --print-architecture)/amazon-ssm-agent.deb`;
  const install = `command -v amazon-ssm-agent || { aws --region ${region} s3 cp --no-progress --no-sign-request ${agent} /run/ssm.deb && dpkg -i /run/ssm.deb; }`;
  const config = {
    package_update: true,
    packages: ["awscli", "ca-certificates", "postgresql-client", "python3"],
    write_files: [
      { path: "/etc/retrofit/role", content: `migration of ${environment}\n`, permissions: "0644" },
      {
        path: MIGRATOR_PATH,
        permissions: "0755",
        encoding: "gz+b64",
        content: gzipSync(migratorProgram, { level: 9 }).toString("base64"),
      },
    ],
    runcmd: [["sh", "-c", install]],
  };
  return `#cloud-config\n${stringify(config, { lineWidth: 0 })}`;
}
