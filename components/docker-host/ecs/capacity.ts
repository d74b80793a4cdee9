import { Group } from "@pulumi/aws/autoscaling/group";
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import type { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { CapacityProvider } from "@pulumi/aws/ecs/capacityProvider";
import { getParameterOutput } from "@pulumi/aws/ssm/getParameter";
import * as pulumi from "@pulumi/pulumi";
import { MachineRole } from "../../machine";
import { architectureOf } from "../../machine/image";
import type { ContainerClusterArgs } from "./args";

const ECS_AGENT = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";

/** AWS's own image for ECS; there is nothing on its machines but the agent and containers. */
function ecsImage(instanceType: string, parent: pulumi.Resource): pulumi.Output<string> {
  const variant = architectureOf(instanceType) === "arm64" ? "arm64/" : "";
  const name = `/aws/service/ecs/optimized-ami/amazon-linux-2023/${variant}recommended/image_id`;
  return getParameterOutput({ name }, { parent }).value;
}

/** Machines for a cluster, as many as its containers need; drained before they go. */
export function makeCapacity(
  name: string,
  args: ContainerClusterArgs,
  machines: NonNullable<ContainerClusterArgs["machines"]>,
  clusterName: string,
  security: SecurityGroup,
  parent: pulumi.Resource,
): CapacityProvider {
  const role = new MachineRole(
    `${name}-machines`,
    { managedPolicyArns: [ECS_AGENT], ...(args.tags && { tags: args.tags }) },
    { parent },
  );
  const tags = {
    ...args.tags,
    Name: `${name}-machine`,
    "retrofit:role": "container_host",
    AmazonECSManaged: "true",
  };
  // Containers get no credentials of the machine, and none starts without the limits of its task.
  const configuration = `#!/bin/sh\nprintf 'ECS_CLUSTER=%s\\nECS_AWSVPC_BLOCK_IMDS=true\\n' '${clusterName}' >> /etc/ecs/ecs.config\n`;
  const template = new LaunchTemplate(
    `${name}-machines`,
    {
      imageId: ecsImage(machines.instanceType, parent),
      instanceType: machines.instanceType,
      userData: Buffer.from(configuration).toString("base64"),
      iamInstanceProfile: { arn: role.instanceProfileArn },
      vpcSecurityGroupIds: [security.id],
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: { volumeSize: 30, volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" },
        },
      ],
      monitoring: { enabled: true },
      tagSpecifications: ["instance", "volume"].map((resourceType) => ({ resourceType, tags })),
      tags,
    },
    // A newer image of AWS's is no reason to replace machines.
    { parent, ignoreChanges: ["imageId"] },
  );
  const group = new Group(
    `${name}-machines`,
    {
      launchTemplate: { id: template.id, version: pulumi.interpolate`${template.latestVersion}` },
      minSize: 0,
      maxSize: machines.max ?? 4,
      vpcZoneIdentifiers: args.network.subnetIds.app,
      // ECS takes away machines without containers, and no other.
      protectFromScaleIn: true,
      waitForCapacityTimeout: "0",
      tags: Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
    },
    // How many there are is ECS's to say.
    { parent, ignoreChanges: ["desiredCapacity"] },
  );
  return new CapacityProvider(
    name,
    {
      autoScalingGroupProvider: {
        autoScalingGroupArn: group.arn,
        managedDraining: "ENABLED",
        managedTerminationProtection: "ENABLED",
        managedScaling: { status: "ENABLED", targetCapacity: 100 },
      },
      tags: { ...args.tags },
    },
    { parent },
  );
}
