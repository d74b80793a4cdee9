import type { ServiceArgs } from "@pulumi/aws/ecs/service";
import type { TaskDefinitionArgs } from "@pulumi/aws/ecs/taskDefinition";
import type { TargetGroupArgs } from "@pulumi/aws/lb/targetGroup";
import type * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../../network";
import type { Transform } from "../../shared/transform";
import type { ContainerArgs, DockerHostArgs } from "../args";

/** The containers of a `DockerHost` on Amazon ECS: the same declarations, where one or two hosts are outgrown. */
export interface ContainerClusterArgs {
  /** Containers are in the app subnets, spread over their zones. */
  readonly network: NetworkLike;
  /** As for a `DockerHost`. `host` of a port does not count: each container has an address of its own. */
  readonly containers: Readonly<Record<string, ContainerArgs>>;
  /** Copies of each container. Default 1. Two keep serving while one is lost. */
  readonly copies?: number;
  /**
   * Machines that the containers run on; as many as are needed, by a capacity provider. Default: Fargate, where each
   * container is paid for by its own size and there are no machines.
   */
  readonly machines?: {
    /** EC2 instance type, e.g. `m6i.xlarge`. */
    readonly instanceType: string;
    /** Most machines. Default 4. */
    readonly max?: number;
  };
  readonly loadBalancer?: DockerHostArgs["loadBalancer"];
  /** Days that the containers' output is kept. Default 30. */
  readonly logRetentionDays?: number;
  /** Seconds that an old container gets to finish its requests. Default 30. */
  readonly deregistrationDelaySeconds?: number;
  readonly tags?: Record<string, string>;
  /** Adjusts single children. */
  readonly transform?: {
    readonly targetGroup?: Transform<TargetGroupArgs>;
    readonly service?: Transform<ServiceArgs>;
    readonly taskDefinition?: Transform<TaskDefinitionArgs>;
  };
}

/** What each container's children share. */
export interface ClusterParts {
  readonly clusterArn: pulumi.Input<string>;
  readonly namespaceArn: pulumi.Input<string>;
  readonly logGroup: pulumi.Input<string>;
  readonly region: pulumi.Input<string>;
  readonly executionRoleArn: pulumi.Input<string>;
  /** None on Fargate. */
  readonly capacityProvider?: pulumi.Input<string>;
}
