import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import type { NetworkLike } from "../network";
import { errorOf, type Graph, graphOf } from "../shared/mocks";
import type { AutoscalingWebTierArgs, WebRelease } from "./args";
import { AutoscalingWebTier } from "./autoscaling-web-tier";
import { fleetLabel, fleetName, NAME_LIMIT } from "./names";
import { wantedWeights } from "./swap-hook";

const T = {
  template: "aws:ec2/launchTemplate:LaunchTemplate",
  targetGroup: "aws:lb/targetGroup:TargetGroup",
  group: "aws:autoscaling/group:Group",
  listener: "aws:lb/listener:Listener",
  loadBalancer: "aws:lb/loadBalancer:LoadBalancer",
  ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  policy: "aws:autoscaling/policy:Policy",
  schedule: "aws:autoscaling/schedule:Schedule",
};

const network: NetworkLike = {
  vpcId: pulumi.output("vpc-1"),
  cidr: pulumi.output("10.20.0.0/16"),
  subnetIds: {
    public: pulumi.output(["subnet-p1", "subnet-p2"]),
    app: pulumi.output(["subnet-a1", "subnet-a2"]),
    data: pulumi.output(["subnet-d1", "subnet-d2"]),
  },
  routeTableIds: { public: pulumi.output([]), app: pulumi.output([]), data: pulumi.output([]) },
};

const release = (version: string, more: Partial<WebRelease> = {}): WebRelease => ({
  version,
  userData: `#cloud-config\n# ${version}\n`,
  imageId: "ami-0123456789abcdef0",
  ...more,
});

const base: AutoscalingWebTierArgs = {
  network,
  live: release("1.1.0"),
  standby: release("1.0.0"),
  port: 8080,
  healthCheck: { path: "/healthz" },
  smoke: [{ path: "/" }],
  capacity: { min: 2, max: 4, cpuPercent: 50, requestsPerTarget: 1000 },
  instanceType: "t3.small",
  instanceProfileArn: "arn:aws:iam::1:instance-profile/web",
  testers: ["10.0.0.0/8"],
};

const tier = (args: Partial<AutoscalingWebTierArgs> = {}) =>
  graphOf(() => new AutoscalingWebTier("web", { ...base, ...args }), {
    state: ({ type, name }) => {
      if (type === T.group) return { name: `${name}-group` };
      return type === T.targetGroup || type === T.loadBalancer ? { arnSuffix: `of-${name}` } : undefined;
    },
    calls: {
      "aws:ec2/getAmi:getAmi": () => ({ id: "ami-0aaaaaaaaaaaaaaaa", imageId: "ami-0aaaaaaaaaaaaaaaa" }),
    },
  });

const forwards = (graph: Graph<unknown>, listener: string) =>
  wantedWeights(graph.one(T.listener, listener).inputs);

describe("the order that keeps users safe", () => {
  test("machines start only once the test listener checks their health", async () => {
    const graph = await tier();
    const testListener = graph.one(T.listener, "web-test");
    for (const name of ["web-1-0-0", "web-1-1-0"]) {
      expect(graph.one(T.group, name).dependencies).toContain(testListener.urn);
    }
  });

  test("users reach a fleet only behind its machines and the gates", async () => {
    const graph = await tier();
    const production = graph.one(T.listener, "web");
    for (const group of graph.ofType(T.group)) expect(production.dependencies).toContain(group.urn);
    expect(production.options.hooks.beforeCreate).toEqual(["web-gates"]);
    expect(production.options.hooks.beforeUpdate).toEqual(["web-gates"]);
    expect(production.options.hooks.afterUpdate).toEqual([]);
  });

  test("no other listener and no other resource decides over users' traffic", async () => {
    const graph = await tier();
    expect(graph.names(T.listener)).toEqual(["web", "web-test"]);
    expect(graph.one(T.listener, "web").inputs.port).toBe(80);
    expect(graph.names("aws:lb/listenerRule:ListenerRule")).toEqual([]);
  });

  test("live gets everything, standby nothing but health checks, on both listeners", async () => {
    const graph = await tier();
    const live = "arn:aws:mock:eu-central-1:111122223333:web-1-1-0";
    const standby = "arn:aws:mock:eu-central-1:111122223333:web-1-0-0";
    expect(forwards(graph, "web")).toEqual({ [live]: 100, [standby]: 0 });
    expect(forwards(graph, "web-test")).toEqual({ [live]: 100, [standby]: 0 });
  });

  test("without a release the load balancer says so with a 503", async () => {
    const graph = await tier({ live: undefined, standby: undefined });
    expect(graph.one(T.listener, "web").inputs.defaultActions[0].fixedResponse.statusCode).toBe("503");
    expect(graph.names(T.group)).toEqual([]);
  });
});

describe("a fleet is one immutable unit", () => {
  test("any change of the launch template replaces it, and the target group and group with it", async () => {
    const graph = await tier();
    const template = graph.one(T.template, "web-1-1-0");
    expect(template.options.replaceOnChanges).toEqual(["*"]);
    expect(graph.one(T.targetGroup, "web-1-1-0").options.replaceWith).toEqual([template.urn]);
    expect(graph.one(T.group, "web-1-1-0").options.replaceWith).toEqual([template.urn]);
    for (const type of [T.template, T.targetGroup, T.group]) {
      for (const resource of graph.ofType(type)) expect(resource.options.deleteBeforeReplace).toBe(false);
    }
  });

  test("nothing that can be replaced has a fixed name", async () => {
    const graph = await tier();
    for (const type of [T.template, T.targetGroup, T.group, T.loadBalancer]) {
      for (const { inputs } of graph.ofType(type)) expect(inputs.name).toBeUndefined();
    }
  });

  test("the group boots a pinned template version, does not wait, and leaves its size to scaling", async () => {
    const group = (await tier()).one(T.group, "web-1-1-0");
    expect(group.inputs.launchTemplate.version).not.toMatch(/\$(Latest|Default)/);
    expect(group.inputs.waitForCapacityTimeout).toBe("0");
    expect(group.inputs.healthCheckType).toBe("ELB");
    expect(group.options.ignoreChanges).toEqual(["desiredCapacity"]);
    expect(group.inputs.vpcZoneIdentifiers).toEqual(["subnet-a1", "subnet-a2"]);
  });

  test("machines want session tokens for metadata, and their disks are encrypted", async () => {
    const { inputs } = (await tier()).one(T.template, "web-1-1-0");
    expect(inputs.metadataOptions).toEqual({
      httpEndpoint: "enabled",
      httpTokens: "required",
      httpPutResponseHopLimit: 1,
    });
    expect(inputs.blockDeviceMappings[0].ebs.encrypted).toBe("true");
    expect(Buffer.from(inputs.userData, "base64").toString()).toBe("#cloud-config\n# 1.1.0\n");
  });

  test("a newer image of the distribution does not replace a fleet that named none; a pinned one does", async () => {
    const graph = await tier({ standby: release("1.0.0", { imageId: undefined }) });
    expect(graph.one(T.template, "web-1-0-0").options.ignoreChanges).toEqual(["imageId"]);
    expect(graph.one(T.template, "web-1-0-0").inputs.imageId).toBe("ami-0aaaaaaaaaaaaaaaa");
    expect(graph.one(T.template, "web-1-1-0").options.ignoreChanges).toEqual([]);
  });
});

describe("deployment in place", () => {
  const document = {
    environment: "dev",
    role: "web",
    region: "eu-central-1",
    release: "1.1.0",
    fleet: "green",
    application: {
      name: "shop",
      command: "node server.js",
      port: 8080,
      environment: {},
      artifact: { bucket: "b", key: "k", sha256: "0" },
    },
  };
  const inPlace = { deployment: "inPlace", standby: undefined } as const;

  test("one fleet stays for all releases, and its machines get the release before new ones start with it", async () => {
    const graph = await tier({ ...inPlace, live: release("1.1.0", { document }) });
    expect(graph.names(T.group)).toEqual(["web-in-place"]);
    const group = graph.one(T.group).options;
    expect(group.hooks.beforeUpdate).toEqual(["web-in-place"]);
    expect(group.replaceWith).toEqual([]);
    expect(graph.one(T.template).options.replaceOnChanges).toEqual([]);
    expect(graph.one(T.targetGroup).options.replaceWith).toEqual([]);
    expect(JSON.stringify(graph.one(T.template).inputs.tags)).not.toContain("1.1.0");
    expect(Object.keys(graph.result.fleets)).toEqual(["1.1.0"]);
  });

  test("a standby fleet, and a release without what machines are told, are refused", async () => {
    const message = await errorOf(
      () => new AutoscalingWebTier("web", { ...base, deployment: "inPlace", live: release("1.1.0") }),
    );
    expect(message).toContain('standby: got "1.0.0"; allowed: none with deployment "inPlace"');
    expect(message).toContain("live.document: ");
  });
});

describe("the standby's size", () => {
  test("a warm one goes down behind the swap, and no refresh makes it larger; the live one keeps its bounds", async () => {
    const graph = await tier({ standbyMachines: 1 });
    expect(graph.one(T.listener, "web").options.hooks.afterUpdate).toEqual(["web-rest"]);
    expect(graph.one(T.group, "web-1-0-0").options.ignoreChanges).toEqual(["desiredCapacity", "minSize"]);
    expect(graph.one(T.group, "web-1-1-0").options.ignoreChanges).toEqual(["desiredCapacity"]);
  });

  test("a warm standby of no machine is refused", async () => {
    const message = await errorOf(() => new AutoscalingWebTier("web", { ...base, standbyMachines: 0 }));
    expect(message).toContain("standbyMachines: got 0; allowed: a whole number from 1");
  });
});

describe("capacity", () => {
  const schedules = [{ name: "night", cron: "0 20 * * *", min: 1, max: 2 }];

  test("only the live fleet is scaled, and only after it has the traffic", async () => {
    const graph = await tier({ capacity: { ...base.capacity, schedules } });
    const production = graph.one(T.listener, "web");
    for (const resource of [...graph.ofType(T.policy), ...graph.ofType(T.schedule)]) {
      expect(resource.inputs.autoscalingGroupName).toBe("web-1-1-0-group");
      expect(resource.dependencies).toContain(production.urn);
    }
    expect(graph.names(T.policy)).toEqual(["web-in", "web-out"]);
    expect(graph.one(T.schedule).inputs.desiredCapacity).toBe(-1);
  });

  test("demand adds and takes away one machine at a time, with a rest after each", async () => {
    const cooldownSeconds = { out: 90, in: 600 };
    const graph = await tier({ capacity: { ...base.capacity, cooldownSeconds } });
    const step = (name: string) => {
      const { policyType, adjustmentType, scalingAdjustment, cooldown } = graph.one(T.policy, name).inputs;
      return [policyType, adjustmentType, scalingAdjustment, cooldown];
    };
    // Simple policies share one cooldown in their group: two alarms at once still add one machine.
    expect(step("web-out")).toEqual(["SimpleScaling", "ChangeInCapacity", 1, 90]);
    expect(step("web-in")).toEqual(["SimpleScaling", "ChangeInCapacity", -1, 600]);
  });

  test("each number is watched on its own for out, and all of them together for in", async () => {
    const metric = {
      namespace: "Shop",
      name: "Waiting",
      dimensions: { Queue: "orders" },
      statistic: "p90",
      target: 25,
    };
    const graph = await tier({ capacity: { ...base.capacity, metric } });
    const watched = (name: string) => {
      const { namespace, metricName, dimensions, statistic, extendedStatistic, threshold } = graph.one(
        T.alarm,
        name,
      ).inputs;
      return [`${namespace} ${metricName}`, dimensions, statistic ?? extendedStatistic, threshold];
    };
    const live = { AutoScalingGroupName: "web-1-1-0-group" };
    expect(watched("web-out-cpu")).toEqual(["AWS/EC2 CPUUtilization", live, "Average", 50]);
    expect(watched("web-out-metric")).toEqual(["Shop Waiting", { Queue: "orders" }, "p90", 25]);
    const [requests, dimensions, statistic, threshold] = watched("web-out-requests");
    expect([requests, statistic, threshold]).toEqual([
      "AWS/ApplicationELB RequestCountPerTarget",
      "Sum",
      1000,
    ]);
    expect(dimensions).toEqual({ LoadBalancer: "of-web", TargetGroup: "of-web-1-1-0" });
    const { metricQueries } = graph.one(T.alarm, "web-in").inputs;
    expect(
      metricQueries.map(({ id, expression }: { id: string; expression?: string }) => expression ?? id),
    ).toEqual([
      "IF(machines > 1, MAX([cpu_used, requests_used, metric_used]) * machines / (machines - 1), 100)",
      "100 * cpu / 50",
      "100 * FILL(requests, 0) / 1000",
      "100 * metric / 25",
      "machines",
      "cpu",
      "requests",
      "metric",
    ]);
  });

  test("silence is idle where only requests are counted, and nothing of the kind for an application's own number", async () => {
    const treatment = async (capacity: Partial<AutoscalingWebTierArgs["capacity"]>) =>
      (await tier({ capacity: { min: 1, max: 4, ...capacity } })).one(T.alarm, "web-in").inputs
        .treatMissingData;
    const metric = { namespace: "Shop", name: "Waiting", target: 25 };
    expect(await treatment({ requestsPerTarget: 100 })).toBe("breaching");
    expect(await treatment({ requestsPerTarget: 100, cpuPercent: 50 })).toBe("notBreaching");
    expect(await treatment({ metric })).toBe("notBreaching");
  });

  test("without a target nothing scales, and schedules still do", async () => {
    const graph = await tier({ capacity: { min: 1, max: 4, schedules } });
    expect(graph.ofType(T.policy)).toEqual([]);
    expect(graph.names(T.schedule)).toEqual(["web-night"]);
  });

  test("the schedule in force is put on the fleet that a schedule moves to, and again after new bounds in config", async () => {
    const graph = await tier({ capacity: { ...base.capacity, schedules } });
    const { beforeCreate, beforeUpdate } = graph.one(T.schedule).options.hooks;
    expect([beforeCreate, beforeUpdate]).toEqual([["web-schedules"], ["web-schedules"]]);
    expect(graph.one(T.group, "web-1-1-0").options.hooks.afterUpdate).toEqual(["web-schedules"]);
    expect(graph.one(T.group, "web-1-0-0").options.hooks.afterUpdate).toEqual([]);
    expect((await tier()).one(T.group, "web-1-1-0").options.hooks.afterUpdate).toEqual([]);
  });

  test("a group remembers the maximum of config, for when a schedule has left it with a smaller one", async () => {
    const group = (await tier()).one(T.group, "web-1-0-0").inputs;
    expect(group.tags).toContainEqual({ key: "retrofit:maximum", value: "4", propagateAtLaunch: false });
  });

  test("alarms watch the live fleet and the load balancer", async () => {
    const graph = await tier({ alarmTopicArns: ["arn:aws:sns:eu-central-1:1:oncall"] });
    const health = ["web-5xx", "web-latency", "web-lb-5xx", "web-unhealthy"];
    expect(graph.names(T.alarm).filter((name) => !/^web-(out|in)/.test(name))).toEqual(health);
    for (const name of health)
      expect(graph.one(T.alarm, name).inputs.alarmActions).toEqual(["arn:aws:sns:eu-central-1:1:oncall"]);
  });
});

describe("who may reach what", () => {
  test("the world reaches port 80 and nothing else", async () => {
    const graph = await tier();
    const open = graph.ofType(T.ingress).filter(({ inputs }) => inputs.cidrIpv4 === "0.0.0.0/0");
    expect(open.map(({ inputs }) => [inputs.fromPort, inputs.toPort])).toEqual([[80, 80]]);
  });

  test("testers reach the test listener; machines only hear the load balancer", async () => {
    const graph = await tier();
    expect(graph.one(T.ingress, "web-lb-8443-10-0-0-0-8").inputs).toMatchObject({
      fromPort: 8443,
      cidrIpv4: "10.0.0.0/8",
    });
    const machines = graph.one(T.ingress, "web-machines-lb").inputs;
    expect(machines).toMatchObject({ fromPort: 8080, toPort: 8080, referencedSecurityGroupId: "web-lb-id" });
    expect(machines.cidrIpv4).toBeUndefined();
  });

  test("with a certificate 443 serves, 80 only redirects, and the gates sit on 443", async () => {
    const graph = await tier({
      certificateArn: "arn:aws:acm:eu-central-1:1:certificate/x",
      hostname: "shop.example.com",
    });
    expect(graph.one(T.listener, "web").inputs).toMatchObject({
      port: 443,
      protocol: "HTTPS",
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
    });
    expect(graph.one(T.listener, "web-redirect").inputs.defaultActions[0].redirect).toMatchObject({
      protocol: "HTTPS",
      statusCode: "HTTP_301",
    });
    expect(graph.one(T.listener, "web-test").inputs.protocol).toBe("HTTPS");
    expect(graph.one(T.listener, "web-redirect").options.hooks.beforeUpdate).toEqual([]);
  });

  test("prod-like: deletion protection and access logs to a private bucket; invalid headers are always dropped", async () => {
    const graph = await tier({ protected: true });
    const { inputs } = graph.one(T.loadBalancer);
    expect(inputs.enableDeletionProtection).toBe(true);
    expect(inputs.accessLogs).toEqual({ bucket: "web-logs-id", enabled: true });
    expect(
      graph.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "web-logs").inputs
        .blockPublicPolicy,
    ).toBe(true);
    const open = (await tier()).one(T.loadBalancer).inputs;
    expect([open.enableDeletionProtection, open.dropInvalidHeaderFields, open.accessLogs]).toEqual([
      false,
      true,
      undefined,
    ]);
  });

  test("sticky sessions are nowhere", async () => {
    const graph = await tier();
    for (const { inputs } of [...graph.ofType(T.targetGroup), ...graph.ofType(T.listener)]) {
      expect(JSON.stringify(inputs)).not.toContain("stickiness");
    }
  });
});

test("every child belongs to the tier or to its fleet", async () => {
  const graph = await tier({ protected: true });
  const owners = new Set(
    graph.resources.filter(({ type }) => type.startsWith("retrofit:")).map(({ urn }) => urn),
  );
  for (const resource of graph.resources) {
    if (resource.type.startsWith("aws:")) expect(owners).toContain(resource.parent);
  }
});

test("a name that leaves no room for the version is refused", async () => {
  const message = await errorOf(() => new AutoscalingWebTier("storefront-web", base));
  expect(message).toContain('name: got "storefront-web"; allowed: up to 10 characters');
});

test("a transform reaches each child", async () => {
  const graph = await tier({
    transform: {
      targetGroup: { slowStart: 60 },
      group: (args, opts, name) => {
        args.maxInstanceLifetime = 604800;
        if (name === "web-1-1-0") opts.protect = true;
      },
    },
  });
  expect(graph.one(T.targetGroup, "web-1-0-0").inputs.slowStart).toBe(60);
  expect(graph.one(T.group, "web-1-0-0").inputs.maxInstanceLifetime).toBe(604800);
  expect(graph.one(T.group, "web-1-1-0").options.protect).toBe(true);
  expect(graph.one(T.group, "web-1-0-0").options.protect).toBe(false);
});

test("every mistake in the arguments is named in one message", async () => {
  const message = await errorOf(
    () =>
      new AutoscalingWebTier("web", {
        ...base,
        live: release("1.0.0"),
        smoke: [],
        capacity: { min: 3, max: 2, schedules: [{ name: "day", cron: "0 8 * * *", min: 1, max: 9 }] },
        shift: { steps: [50, 10] },
        testers: ["0.0.0.0/0"],
        testPort: 443,
      }),
  );
  expect(message.split("\n")[0]).toBe('AutoscalingWebTier "web" has 7 mistakes:');
  for (const property of [
    "capacity.max: got 2; allowed: a whole number from 3 (capacity.min)",
    "capacity.schedules[0].max: got 9; allowed: 1 (its min) to 2 (capacity.max)",
    "shift.steps: got [50,10]; allowed: whole percents, ascending, the last 100",
    "testPort: got 443",
    'testers: got ["0.0.0.0/0"]; allowed: networks that you name',
    'standby.version: got "1.0.0"; allowed: another version than live has',
    "smoke: got []; allowed: at least one check",
  ]) {
    expect(message).toContain(property);
  }
});

test("a target that could never be met, or would be met by turns, is refused", async () => {
  const metric = { namespace: "Shop", name: "Waiting", target: 0, statistic: "Mean" };
  const message = await errorOf(
    () =>
      new AutoscalingWebTier("web", {
        ...base,
        capacity: { min: 1, max: 2, metric, cooldownSeconds: { out: -1 }, idlePercent: 100 },
      }),
  );
  for (const property of [
    'capacity.metric.statistic: got "Mean"; allowed: Average, Sum',
    "capacity.metric.target: got 0; allowed: a number above 0",
    "capacity.cooldownSeconds.out: got -1; allowed: whole seconds",
    "capacity.idlePercent: got 100; allowed: 10 to 95",
  ]) {
    expect(message).toContain(property);
  }
});

describe("names", () => {
  const version = fc
    .tuple(fc.nat(999), fc.nat(999), fc.nat(9999), fc.option(fc.stringMatching(/^[a-z0-9.]{1,20}$/)))
    .map(([major, minor, patch, tag]) => `${major}.${minor}.${patch}${tag ? `-${tag}` : ""}`);

  test("leave room for the engine's suffix in a target group's 32 characters, and are valid there", () => {
    fc.assert(
      fc.property(version, (value) => {
        const name = fleetName("a".repeat(NAME_LIMIT), value);
        expect(name.length).toBeLessThanOrEqual(32 - 7);
        expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      }),
    );
  });

  test("differ for versions that differ", () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        fc.pre(a !== b);
        expect(fleetName("web", a)).not.toBe(fleetName("web", b));
      }),
    );
    expect(fleetName("web", "1.0.0-rc.1")).not.toBe(fleetName("web", "1.0.0-rc-1"));
  });

  test("neighbouring versions have different labels, and each keeps its own", () => {
    expect(["1.0.0", "1.1.0", "1.1.1", "1.1.2-rc.1", "2.0.0"].map(fleetLabel)).toEqual([
      "blue",
      "green",
      "blue",
      "blue",
      "green",
    ]);
  });
});
