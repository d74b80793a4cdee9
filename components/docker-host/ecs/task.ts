import { TaskDefinition } from "@pulumi/aws/ecs/taskDefinition";
import * as pulumi from "@pulumi/pulumi";
import { transformed } from "../../shared/transform";
import type { ContainerArgs, ContainerHealthArgs } from "../args";
import type { ClusterParts, ContainerClusterArgs } from "./args";
import { fargateSize } from "./fargate-sizes";

/** What a container is on ECS, with the same limits and the same closed doors as on a host. */
export function makeTask(
  name: string,
  container: string,
  args: ContainerClusterArgs,
  parts: ClusterParts,
  parent: pulumi.Resource,
): TaskDefinition {
  const declared = args.containers[container]!;
  const child = `${name}-${container}`;
  const fargate = args.machines === undefined;
  const size = fargate ? fargateSize(declared)! : undefined;
  return new TaskDefinition(
    ...transformed(
      args.transform?.taskDefinition,
      child,
      {
        family: child,
        networkMode: "awsvpc",
        requiresCompatibilities: [fargate ? "FARGATE" : "EC2"],
        ...(size && { cpu: String(size.cpu), memory: String(size.memoryMb) }),
        executionRoleArn: parts.executionRoleArn,
        // No task role: a container gets no rights in AWS of its own.
        volumes: [{ name: "tmp" }],
        containerDefinitions: definition(container, declared, parts).apply((one) => JSON.stringify([one])),
        tags: { ...args.tags },
      },
      { parent },
    ),
  );
}

function definition(name: string, container: ContainerArgs, parts: ClusterParts): pulumi.Output<object> {
  const { command, user, health, environment = {}, secrets = {}, ports = [] } = container;
  return pulumi.output({
    name,
    image: container.image,
    essential: true,
    ...(command && { command: [...command] }),
    ...(user !== undefined && { user }),
    cpu: Math.round(container.cpus * 1024),
    memory: container.memoryMb,
    readonlyRootFilesystem: !container.writableRoot,
    privileged: false,
    linuxParameters: {
      initProcessEnabled: true,
      capabilities: { drop: ["ALL"], add: [...(container.capabilities ?? [])] },
    },
    ulimits: [{ name: "nproc", softLimit: container.pids ?? 256, hardLimit: container.pids ?? 256 }],
    mountPoints: [{ sourceVolume: "tmp", containerPath: "/tmp", readOnly: false }],
    portMappings: ports.map((port) => ({ containerPort: port.container, name: portName(port.container) })),
    environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
    secrets: Object.entries(secrets).map(([key, secret]) => ({
      name: key,
      valueFrom: secret.key === undefined ? secret.arn : pulumi.interpolate`${secret.arn}:${secret.key}::`,
    })),
    ...(health && { healthCheck: healthCheck(health) }),
    stopTimeout: Math.min(120, container.stopSeconds ?? 30),
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": parts.logGroup,
        "awslogs-region": parts.region,
        "awslogs-stream-prefix": name,
      },
    },
  });
}

/** Name of a port, by which others reach it. */
export function portName(port: number): string {
  return `port-${port}`;
}

function healthCheck(health: ContainerHealthArgs) {
  return {
    command: ["CMD", ...health.command],
    // ECS knows no shorter intervals.
    interval: Math.max(5, health.intervalSeconds ?? 5),
    timeout: Math.max(2, health.timeoutSeconds ?? 3),
    retries: Math.min(10, health.retries ?? 3),
    startPeriod: Math.min(300, health.startSeconds ?? 0),
  };
}
