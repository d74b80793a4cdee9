import { Group } from "@pulumi/aws/autoscaling/group";
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import { TargetGroup } from "@pulumi/aws/lb/targetGroup";
import * as pulumi from "@pulumi/pulumi";
import { debianImage } from "../machine";
import { transformed } from "../shared/transform";
import type { AutoscalingWebTierArgs, FleetLabel, WebRelease } from "./args";
import { fleetLabel, fleetName, inPlaceFleetName, MAXIMUM_TAG } from "./names";

/** What the machines of all fleets of a tier have in common. */
export interface FleetArgs {
  readonly tierName: string;
  readonly tier: AutoscalingWebTierArgs;
  readonly release: WebRelease;
  /** Security group that lets the load balancer in. */
  readonly securityGroupId: pulumi.Input<string>;
}

/**
 * The machines of one release: launch template, target group and Auto Scaling group, one immutable unit.
 * Whatever changes the launch template replaces all three, new before old; a fleet that serves is never changed.
 *
 * With `deployment: "inPlace"` one fleet stays for all releases: the launch template gets another version, and a hook of the
 * group gives the running machines the release before the group starts machines from it.
 */
export class Fleet extends pulumi.ComponentResource {
  public readonly version: string;
  public readonly label: FleetLabel;
  public readonly targetGroupArn: pulumi.Output<string>;
  public readonly targetGroupSuffix: pulumi.Output<string>;
  public readonly launchTemplateId: pulumi.Output<string>;

  private readonly fleetName: string;
  private readonly inPlace: boolean;
  private readonly template: LaunchTemplate;
  private readonly targetGroup: TargetGroup;
  private readonly args: FleetArgs;

  constructor(args: FleetArgs, opts?: pulumi.ComponentResourceOptions) {
    const inPlace = args.tier.deployment === "inPlace";
    const name = inPlace ? inPlaceFleetName(args.tierName) : fleetName(args.tierName, args.release.version);
    super("retrofit:web-tier:Fleet", name, { version: args.release.version }, opts);
    this.inPlace = inPlace;
    this.fleetName = name;
    this.args = args;
    this.version = args.release.version;
    this.label = args.release.label ?? fleetLabel(args.release.version);
    this.template = this.makeTemplate();
    this.targetGroup = this.makeTargetGroup();
    this.targetGroupArn = this.targetGroup.arn;
    this.targetGroupSuffix = this.targetGroup.arnSuffix;
    this.launchTemplateId = this.template.id;
  }

  /**
   * Starts the machines. `after` is what must exist first: the test listener that forwards to this fleet, since
   * a target group that no listener names is never health-checked. `hooks` run when the group is changed.
   */
  launch(
    after: pulumi.Resource,
    role: "live" | "standby" = "live",
    hooks: pulumi.ResourceHookBinding = {},
  ): Group {
    const { tier } = this.args;
    const group = new Group(
      ...transformed(
        tier.transform?.group,
        this.fleetName,
        {
          launchTemplate: {
            id: this.template.id,
            version: pulumi.interpolate`${this.template.latestVersion}`,
          },
          minSize: tier.capacity.min,
          maxSize: tier.capacity.max,
          desiredCapacity: Math.max(tier.capacity.min, 1),
          vpcZoneIdentifiers: tier.network.subnetIds.app,
          targetGroupArns: [this.targetGroup.arn],
          healthCheckType: "ELB",
          healthCheckGracePeriod: 300,
          defaultInstanceWarmup: 60,
          // Our own gate waits, on the one edge that matters: a provider wait that fails leaves a group
          // in the state that the next update walks past.
          waitForCapacityTimeout: "0",
          terminationPolicies: ["OldestInstance"],
          enabledMetrics: ["GroupInServiceInstances", "GroupDesiredCapacity"],
          tags: [
            ...Object.entries(this.tags("web")).map(([key, value]) => ({
              key,
              value,
              propagateAtLaunch: true,
            })),
            { key: MAXIMUM_TAG, value: String(tier.capacity.max), propagateAtLaunch: false },
          ],
        },
        {
          parent: this,
          dependsOn: [after],
          ...(this.inPlace ? {} : { replaceWith: [this.template] }),
          hooks,
          // Scaling and the capacity gate own it from the first moment on.
          // A standby's smaller size must not come back with a refresh, either.
          ignoreChanges: ["desiredCapacity", ...(this.mayRest(role) ? ["minSize"] : [])],
          customTimeouts: { delete: "30m" },
        },
      ),
    );
    this.registerOutputs({
      version: this.version,
      label: this.label,
      targetGroupArn: this.targetGroupArn,
      launchTemplateId: this.launchTemplateId,
    });
    return group;
  }

  private mayRest(role: "live" | "standby"): boolean {
    return role === "standby" && this.args.tier.standbyMachines !== undefined;
  }

  private makeTemplate(): LaunchTemplate {
    const { tier, release, securityGroupId } = this.args;
    const pinned = release.imageId !== undefined;
    const { gate } = this;
    const tags = this.tags("web");
    return new LaunchTemplate(
      ...transformed(
        tier.transform?.launchTemplate,
        this.fleetName,
        {
          imageId: release.imageId ?? debianImage(tier.instanceType, { parent: this }),
          instanceType: tier.instanceType,
          userData: pulumi.output(release.userData).apply((text) => Buffer.from(text).toString("base64")),
          iamInstanceProfile: { arn: tier.instanceProfileArn },
          vpcSecurityGroupIds: [securityGroupId, ...(tier.securityGroupIds ?? [])],
          metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
          blockDeviceMappings: [
            {
              deviceName: "/dev/xvda",
              ebs: {
                volumeSize: tier.volumeSizeGb ?? 10,
                volumeType: "gp3",
                encrypted: "true",
                deleteOnTermination: "true",
              },
            },
          ],
          monitoring: { enabled: true },
          tagSpecifications: ["instance", "volume"].map((resourceType) => ({ resourceType, tags })),
          tags,
        },
        {
          parent: this,
          ...(this.inPlace ? {} : { replaceOnChanges: ["*"] }),
          // A newer image of the distribution is no reason to replace a fleet that serves.
          ignoreChanges: pinned ? [] : ["imageId"],
          ...(gate
            ? {
                dependsOn: [...gate.dependsOn],
                hooks: {
                  beforeCreate: [gate.beforeFleet],
                  ...(this.inPlace ? { beforeUpdate: [gate.beforeFleet] } : {}),
                },
              }
            : {}),
        },
      ),
    );
  }

  private makeTargetGroup(): TargetGroup {
    const { tier } = this.args;
    const { healthCheck } = tier;
    return new TargetGroup(
      ...transformed(
        tier.transform?.targetGroup,
        this.fleetName,
        {
          port: tier.port,
          protocol: "HTTP",
          vpcId: tier.network.vpcId,
          targetType: "instance",
          deregistrationDelay: tier.deregistrationDelaySeconds ?? 30,
          loadBalancingAlgorithmType: "least_outstanding_requests",
          healthCheck: {
            path: healthCheck.path,
            protocol: "HTTP",
            port: "traffic-port",
            matcher: healthCheck.matcher ?? "200",
            interval: healthCheck.intervalSeconds ?? 10,
            timeout: healthCheck.timeoutSeconds ?? 5,
            healthyThreshold: healthCheck.healthyThreshold ?? 2,
            unhealthyThreshold: healthCheck.unhealthyThreshold ?? 2,
          },
          tags: this.tags("web"),
        },
        {
          parent: this,
          ...(this.inPlace ? {} : { replaceWith: [this.template] }),
          // A gate that stands before the template stands before all of the fleet.
          ...(this.gate ? { dependsOn: [this.template] } : {}),
        },
      ),
    );
  }

  /** What stands before a release stands before the first thing that is made of it. */
  private get gate() {
    const { tier, release } = this.args;
    return release.version === tier.live?.version ? tier.releaseGate : undefined;
  }

  private tags(role: string): Record<string, string> {
    return {
      ...this.args.tier.tags,
      Name: this.fleetName,
      "retrofit:role": role,
      // Machines outlive their release where it is updated in place; which one they run is asked of them.
      ...(this.inPlace ? {} : { "retrofit:release": this.version, "retrofit:fleet": this.label }),
    };
  }
}
