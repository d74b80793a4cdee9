import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { Cluster } from "@pulumi/aws/ecs/cluster";
import { ClusterCapacityProviders } from "@pulumi/aws/ecs/clusterCapacityProviders";
import { Service } from "@pulumi/aws/ecs/service";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import { HttpNamespace } from "@pulumi/aws/servicediscovery/httpNamespace";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import * as pulumi from "@pulumi/pulumi";
import { transformed } from "../../shared/transform";
import { routeKey } from "../declaration";
import { inOrder, updateOf } from "../placement";
import { makeRoutes } from "../routes";
import { makeExecutionRole } from "./access";
import type { ClusterParts, ContainerClusterArgs } from "./args";
import { makeCapacity } from "./capacity";
import { checkContainerCluster } from "./checks";
import { makeTask, portName } from "./task";

/**
 * The containers of a `DockerHost` on Amazon ECS. The rule of an update is the same: a new version comes up beside the old
 * one, gets healthy, gets the traffic, and then the old one goes; when it does not get healthy the old one stays and the
 * update fails.
 *
 * @throws ResourceError listing everything wrong with the arguments.
 */
export class ContainerCluster extends pulumi.ComponentResource {
  public readonly clusterArn: pulumi.Output<string>;
  /** CloudWatch log group with the output of all containers, a stream for each. */
  public readonly logGroupName: pulumi.Output<string>;
  /** Names of the services by container. */
  public readonly services: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: ContainerClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:docker-host:ContainerCluster", name, {}, opts);
    checkContainerCluster(name, args).throwIfAny(this);
    const parent = { parent: this };
    const tags = { ...args.tags };
    const logs = new LogGroup(name, { retentionInDays: args.logRetentionDays ?? 30, tags }, parent);
    const cluster = new Cluster(
      name,
      { name, settings: [{ name: "containerInsights", value: "enabled" }], tags },
      parent,
    );
    const namespace = new HttpNamespace(name, { name, description: `Containers of ${name}`, tags }, parent);
    const names = inOrder(Object.keys(args.containers), args.containers);
    const security = Object.fromEntries(names.map((one) => [one, makeSecurity(name, one, args, this)]));
    letDependentsIn(name, args, security, this);
    const routes = makeRoutes(
      name,
      args,
      (container, port) => ({
        targetType: "ip",
        ports: [port.container, port.container],
        securityGroupId: security[container]!.id,
      }),
      this,
    );
    const capacity =
      args.machines && makeCapacity(name, args, args.machines, name, machineSecurity(name, args, this), this);
    const capacityProvider = capacity?.name ?? "FARGATE";
    const providers = new ClusterCapacityProviders(
      name,
      {
        clusterName: cluster.name,
        capacityProviders: [capacityProvider],
        defaultCapacityProviderStrategies: [{ capacityProvider, weight: 1 }],
      },
      parent,
    );
    const parts: ClusterParts = {
      clusterArn: cluster.arn,
      namespaceArn: namespace.arn,
      logGroup: logs.name,
      region: getRegionOutput({}, parent).apply((found) => found.region ?? found.name),
      executionRoleArn: makeExecutionRole(name, args, logs, this).arn,
    };
    const services: Record<string, Service> = {};
    for (const container of names) {
      const { dependsOn = [], ports = [] } = args.containers[container]!;
      const routed = ports.flatMap((port) => {
        const route = routes[routeKey(container, port.container)];
        return route ? [{ port, ...route }] : [];
      });
      services[container] = new Service(
        ...transformed(
          args.transform?.service,
          `${name}-${container}`,
          {
            name: container,
            cluster: cluster.arn,
            taskDefinition: makeTask(name, container, args, parts, this).arn,
            desiredCount: args.copies ?? 1,
            capacityProviderStrategies: [{ capacityProvider, weight: 1 }],
            ...deploymentOf(updateOf(args.containers[container]!)),
            networkConfiguration: {
              subnets: args.network.subnetIds.app,
              securityGroups: [security[container]!.id],
              assignPublicIp: false,
            },
            loadBalancers: routed.map(({ port, targetGroup }) => ({
              targetGroupArn: targetGroup.arn,
              containerName: container,
              containerPort: port.container,
            })),
            serviceConnectConfiguration: {
              enabled: true,
              namespace: parts.namespaceArn,
              services: ports.map((port) => ({
                portName: portName(port.container),
                clientAlias: [{ dnsName: container, port: port.container }],
              })),
            },
            propagateTags: "SERVICE",
            tags,
          },
          {
            ...parent,
            dependsOn: [
              providers,
              ...routed.map(({ rule }) => rule),
              ...dependsOn.map((other) => services[other]!),
            ],
          },
        ),
      );
    }
    this.clusterArn = cluster.arn;
    this.logGroupName = logs.name;
    this.services = Object.fromEntries(Object.entries(services).map(([one, service]) => [one, service.name]));
    this.registerOutputs({
      clusterArn: this.clusterArn,
      logGroupName: this.logGroupName,
      services: this.services,
    });
  }
}

/** The rule of an update, in ECS's words. */
function deploymentOf(update: "beside" | "stopFirst") {
  return {
    deploymentMinimumHealthyPercent: update === "beside" ? 100 : 0,
    deploymentMaximumPercent: update === "beside" ? 200 : 100,
    // What does not get healthy is taken back, and the update waits for how it ends.
    deploymentCircuitBreaker: { enable: true, rollback: true },
    waitForSteadyState: true,
  };
}

/** Nothing comes in but what routes and dependents are let in by; out by HTTPS, for images, logs and AWS. */
function makeSecurity(
  name: string,
  container: string,
  args: ContainerClusterArgs,
  parent: pulumi.Resource,
): SecurityGroup {
  const child = `${name}-${container}`;
  const group = new SecurityGroup(
    child,
    {
      vpcId: args.network.vpcId,
      description: `Container ${container} of ${name}`,
      tags: { ...args.tags, Name: child },
    },
    { parent },
  );
  outByHttps(child, group, parent);
  return group;
}

function machineSecurity(name: string, args: ContainerClusterArgs, parent: pulumi.Resource): SecurityGroup {
  const child = `${name}-machines`;
  const group = new SecurityGroup(
    child,
    {
      vpcId: args.network.vpcId,
      description: `Machines of ${name}`,
      tags: { ...args.tags, Name: child },
    },
    { parent },
  );
  outByHttps(child, group, parent);
  return group;
}

function outByHttps(child: string, group: SecurityGroup, parent: pulumi.Resource): void {
  new SecurityGroupEgressRule(
    `${child}-https`,
    {
      securityGroupId: group.id,
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrIpv4: "0.0.0.0/0",
      description: "AWS and registries",
    },
    { parent },
  );
}

/** A container reaches those that it depends on, and no other. */
function letDependentsIn(
  name: string,
  { containers }: ContainerClusterArgs,
  security: Readonly<Record<string, SecurityGroup>>,
  parent: pulumi.Resource,
): void {
  for (const [container, { dependsOn = [] }] of Object.entries(containers)) {
    for (const other of dependsOn) {
      for (const port of containers[other]?.ports ?? []) {
        const child = `${name}-${container}-${other}-${port.container}`;
        const between = { ipProtocol: "tcp", fromPort: port.container, toPort: port.container };
        const description = `${container} to ${other}`;
        new SecurityGroupIngressRule(
          child,
          {
            ...between,
            description,
            securityGroupId: security[other]!.id,
            referencedSecurityGroupId: security[container]!.id,
          },
          { parent },
        );
        new SecurityGroupEgressRule(
          child,
          {
            ...between,
            description,
            securityGroupId: security[container]!.id,
            referencedSecurityGroupId: security[other]!.id,
          },
          { parent },
        );
      }
    }
  }
}
