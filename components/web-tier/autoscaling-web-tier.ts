import type { Group } from "@pulumi/aws/autoscaling/group";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import * as pulumi from "@pulumi/pulumi";
import { makeAlarms } from "./alarms";
import type { AutoscalingWebTierArgs, FleetLabel, WebRelease } from "./args";
import { Fleet } from "./fleet";
import { inPlaceHook } from "./in-place-hook";
import { compareWithLive } from "./live-weights";
import { forwardTo, makeListener, makeLoadBalancer, redirectToHttps } from "./load-balancer";
import { restHook } from "./rest-hook";
import { makeScaling } from "./scaling";
import { makeSchedules, scheduleHook } from "./schedules";
import { makeSecurity } from "./security";
import { type ForwardInputs, forwardedWeights, swapHook } from "./swap-hook";
import { checkWebTier } from "./validate";

/** What a fleet is called in AWS. */
export interface FleetOutputs {
  readonly label: FleetLabel;
  readonly targetGroupArn: pulumi.Output<string>;
  readonly autoScalingGroup: pulumi.Output<string>;
  readonly launchTemplate: pulumi.Output<string>;
}

/**
 * A load balancer with one immutable fleet of machines per release, and the gates that let a release have the
 * traffic only when it has as many healthy machines as serve now, passes its smoke test, and does well on a small
 * share of the traffic first. All in one update; the fleet that served before stays when it is declared as `standby`.
 *
 * @throws ResourceError listing everything wrong with the arguments.
 */
export class AutoscalingWebTier extends pulumi.ComponentResource {
  /** Where users reach the application. */
  public readonly url: pulumi.Output<string>;
  /** Where testers reach the live release, or the next one while it is being released. */
  public readonly testUrl: pulumi.Output<string>;
  public readonly loadBalancerArn: pulumi.Output<string>;
  /** The listener whose weights decide who serves. */
  public readonly listenerArn: pulumi.Output<string>;
  public readonly testListenerArn: pulumi.Output<string>;
  /** The tier's own alarms, for whoever watches a release. */
  public readonly alarmNames: pulumi.Output<string[]>;
  /** By version. */
  public readonly fleets: Readonly<Record<string, FleetOutputs>>;
  /** Security group of the machines: databases and stores let this one in. */
  public readonly machineSecurityGroupId: pulumi.Output<string>;
  /** Security group of the load balancer: what it is to reach besides the machines lets this one in. */
  public readonly loadBalancerSecurityGroupId: pulumi.Output<string>;

  constructor(name: string, args: AutoscalingWebTierArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:web-tier:AutoscalingWebTier", name, {}, opts);
    checkWebTier(name, args).throwIfAny(this);
    const parent = { parent: this };
    const security = makeSecurity(name, args, this);
    const loadBalancer = makeLoadBalancer(name, args, security.loadBalancer.id, this);
    const scheme = args.certificateArn === undefined ? "http" : "https";
    const testPort = args.testPort ?? 8443;
    this.url = pulumi.interpolate`${scheme}://${args.hostname ?? loadBalancer.dnsName}`;
    this.testUrl = pulumi.interpolate`${scheme}://${loadBalancer.dnsName}:${testPort}`;

    const fleetOf = (release: WebRelease | undefined) =>
      release &&
      new Fleet({ tierName: name, tier: args, release, securityGroupId: security.machines.id }, parent);
    const live = fleetOf(args.live);
    const standby = fleetOf(args.standby);

    // First the test listener: it makes the load balancer check the new machines before any user reaches them.
    const listenerOf = {
      loadBalancer,
      certificateArn: args.certificateArn,
      actions: forwardTo(live, standby),
    };
    const weights = pulumi
      .output(listenerOf.actions)
      .apply((actions) => forwardedWeights(actions as ForwardInputs[]));
    const compared = { loadBalancerArn: loadBalancer.arn, weights };
    const tested = compareWithLive({ ...compared, port: testPort }, this);
    const testListener = makeListener(
      { ...listenerOf, name: `${name}-test`, port: testPort, transform: args.transform?.testListener },
      tested.tags.apply((tags) => ({ ...args.tags, ...tags })),
      parent,
    );
    const region = getRegionOutput({}, parent).apply((found) => found.region ?? found.name);
    const inPlace = live && inPlaceHook(name, args, { fleet: live, loadBalancer, region }, this);
    const schedules = args.capacity.schedules ?? [];
    const inForce = schedules.length > 0 ? scheduleHook(name, schedules, region, this) : undefined;
    const groups = new Map<Fleet, Group>();
    // New bounds in config are those of the hours without a schedule: what is in force comes back after them.
    const liveHooks = inForce
      ? { ...inPlace, afterUpdate: [...(inPlace?.afterUpdate ?? []), inForce] }
      : inPlace;
    if (live) groups.set(live, live.launch(testListener, "live", liveHooks));
    if (standby) groups.set(standby, standby.launch(testListener, "standby", inPlace));

    // Then, behind every machine and every gate, the one edge that users are on.
    const port = args.certificateArn === undefined ? 80 : 443;
    const serving = compareWithLive({ ...compared, port }, this);
    const gates = swapHook(name, args, { testUrl: this.testUrl, region, found: serving.found }, this);
    const production = makeListener(
      {
        ...listenerOf,
        name,
        port,
        transform: args.transform?.listener,
      },
      serving.tags.apply((tags) => ({ ...args.tags, ...tags })),
      {
        ...parent,
        dependsOn: [testListener, ...groups.values()],
        hooks: { beforeCreate: [gates], beforeUpdate: [gates], ...restHook(name, args, region, this) },
      },
    );
    if (args.certificateArn !== undefined) {
      makeListener(
        { name: `${name}-redirect`, loadBalancer, port: 80, actions: redirectToHttps },
        args.tags,
        // In an environment that served plain HTTP until now, 80 is free once the other has moved to 443.
        { ...parent, dependsOn: [production] },
      );
    }

    // What sizes and watches the live fleet follows the traffic, so it waits for the listener.
    const afterwards = { ...parent, dependsOn: [production] };
    const liveGroup = live && groups.get(live);
    if (live && liveGroup) {
      makeScaling(name, args, { fleet: live, group: liveGroup }, loadBalancer, afterwards);
      if (inForce) makeSchedules(name, schedules, liveGroup, inForce, afterwards);
    }
    const alarms = makeAlarms(name, args, live, loadBalancer, afterwards);

    this.loadBalancerArn = loadBalancer.arn;
    this.listenerArn = production.arn;
    this.alarmNames = pulumi.output(alarms.map((alarm) => alarm.name));
    this.testListenerArn = testListener.arn;
    this.machineSecurityGroupId = security.machines.id;
    this.loadBalancerSecurityGroupId = security.loadBalancer.id;
    this.fleets = Object.fromEntries(
      [...groups].map(([fleet, group]) => [
        fleet.version,
        {
          label: fleet.label,
          targetGroupArn: fleet.targetGroupArn,
          autoScalingGroup: group.name,
          launchTemplate: fleet.launchTemplateId,
        },
      ]),
    );
    this.registerOutputs({
      url: this.url,
      testUrl: this.testUrl,
      loadBalancerArn: this.loadBalancerArn,
      listenerArn: this.listenerArn,
      testListenerArn: this.testListenerArn,
      machineSecurityGroupId: this.machineSecurityGroupId,
      loadBalancerSecurityGroupId: this.loadBalancerSecurityGroupId,
      fleets: this.fleets,
    });
  }
}
