import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  AttachLoadBalancerTargetGroupsCommand,
  CancelInstanceRefreshCommand,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  DetachLoadBalancerTargetGroupsCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CreateLaunchTemplateCommand,
  CreatePlacementGroupCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteVpcCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { type Clients, region, type State, TestEmulator } from "../support/emulator";

jest.setTimeout(10 * 60_000);

const folder = mkdtempSync(join(tmpdir(), "retrofit-emulator-"));
const journal = join(folder, "journal");
const emulator = new TestEmulator(journal);
let aws: Clients;
let vpcId: string;
let subnetIds: string[];
let securityGroupId: string;
let launchTemplateId: string;
let counter = 0;

const state = (query = "") => emulator.internal<State>("GET", `state${query}`);
const unique = (name: string) => `${name}-${++counter}`;

beforeAll(async () => {
  await emulator.start();
  aws = emulator.clients();
  const { ec2 } = aws;
  vpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }))).Vpc!.VpcId!;
  subnetIds = [];
  for (const [index, zone] of ["a", "b", "c"].entries()) {
    const wanted = { VpcId: vpcId, CidrBlock: `10.9.${index}.0/24`, AvailabilityZone: `eu-central-1${zone}` };
    subnetIds.push((await ec2.send(new CreateSubnetCommand(wanted))).Subnet!.SubnetId!);
  }
  const group = new CreateSecurityGroupCommand({ GroupName: "web", Description: "web", VpcId: vpcId });
  securityGroupId = (await ec2.send(group)).GroupId!;
  launchTemplateId = await launchTemplate(Buffer.from("#cloud-config\n{}\n"));
});

afterAll(async () => {
  await emulator.end();
  rmSync(folder, { recursive: true, force: true });
});

async function launchTemplate(userData: Buffer): Promise<string> {
  const images = await aws.ec2.send(
    new DescribeImagesCommand({
      Owners: ["136693071363"],
      Filters: [{ Name: "name", Values: ["debian-12-amd64-*"] }],
    }),
  );
  const { LaunchTemplate } = await aws.ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: unique("web"),
      LaunchTemplateData: {
        ImageId: images.Images![0]!.ImageId,
        InstanceType: "t3.micro",
        SecurityGroupIds: [securityGroupId],
        UserData: userData.toString("base64"),
        MetadataOptions: { HttpTokens: "required" },
        TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "From", Value: "template" }] }],
      },
    }),
  );
  return LaunchTemplate!.LaunchTemplateId!;
}

async function targetGroup(): Promise<string> {
  const command = new CreateTargetGroupCommand({
    Name: unique("tg"),
    Protocol: "HTTP",
    Port: 8080,
    VpcId: vpcId,
    HealthCheckPath: "/healthz",
  });
  return (await aws.elb.send(command)).TargetGroups![0]!.TargetGroupArn!;
}

async function loadBalancer(): Promise<{ arn: string; dnsName: string }> {
  const command = new CreateLoadBalancerCommand({ Name: unique("lb"), Subnets: subnetIds });
  const created = (await aws.elb.send(command)).LoadBalancers![0]!;
  return { arn: created.LoadBalancerArn!, dnsName: created.DNSName! };
}

async function listener(loadBalancerArn: string, weights: Record<string, number>): Promise<string> {
  const command = new CreateListenerCommand({
    LoadBalancerArn: loadBalancerArn,
    Protocol: "HTTP",
    Port: 80,
    DefaultActions: [forward(weights)],
  });
  return (await aws.elb.send(command)).Listeners![0]!.ListenerArn!;
}

function forward(weights: Record<string, number>) {
  const groups = Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }));
  return { Type: "forward" as const, ForwardConfig: { TargetGroups: groups } };
}

async function scalingGroup(desired: number, targetGroupArns: string[] = [], template = launchTemplateId) {
  const name = unique("fleet");
  await aws.scaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      MinSize: 0,
      MaxSize: 6,
      DesiredCapacity: desired,
      LaunchTemplate: { LaunchTemplateId: template, Version: "1" },
      VPCZoneIdentifier: subnetIds.join(","),
      TargetGroupARNs: targetGroupArns,
      Tags: [{ Key: "Release", Value: "1.0.0", PropagateAtLaunch: true }],
    }),
  );
  return name;
}

async function described(name: string) {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
  return (await aws.scaling.send(command)).AutoScalingGroups![0]!;
}

const running = async (name: string) =>
  (await state()).instances.filter((i) => i.autoScalingGroup === name && i.state === "running");
const targets = async (arn: string) =>
  (await state()).targetGroups.find((group) => group.arn === arn)!.targets.map((target) => target.id);

describe("Auto Scaling", () => {
  test("a new group has its instances at once, spread over the zones, tagged and registered", async () => {
    const group = await targetGroup();
    const name = await scalingGroup(3, [group]);
    const { Instances } = await described(name);
    expect(Instances!.map((i) => i.AvailabilityZone).sort()).toEqual([
      "eu-central-1a",
      "eu-central-1b",
      "eu-central-1c",
    ]);
    expect(
      Instances!.map((i) => `${i.LifecycleState} ${i.HealthStatus} ${i.LaunchTemplate!.Version}`),
    ).toEqual(Array(3).fill("InService Healthy 1"));
    const machines = await running(name);
    expect(machines.map((m) => m.privateIp.split(".").slice(0, 3).join(".")).sort()).toEqual([
      "10.9.0",
      "10.9.1",
      "10.9.2",
    ]);
    expect(machines[0]!.tags).toMatchObject({ Release: "1.0.0", From: "template" });
    expect((await targets(group)).sort()).toEqual(machines.map((m) => m.id).sort());
    const ids = machines.map((m) => m.id);
    const { Reservations } = await aws.ec2.send(new DescribeInstancesCommand({ InstanceIds: ids }));
    const first = Reservations![0]!.Instances![0]!;
    expect(first.MetadataOptions!.HttpTokens).toBe("required");
    expect(first.SecurityGroups!.map((g) => g.GroupId)).toEqual([securityGroupId]);
  });

  test("a group that is lowered ends instances and takes them out of the target group, protected ones stay", async () => {
    const group = await targetGroup();
    const name = await scalingGroup(3, [group]);
    const kept = (await running(name))[0]!.id;
    await aws.scaling.send(
      new SetInstanceProtectionCommand({
        AutoScalingGroupName: name,
        InstanceIds: [kept],
        ProtectedFromScaleIn: true,
      }),
    );
    await aws.scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 1 }));
    expect((await running(name)).map((m) => m.id)).toEqual([kept]);
    expect(await targets(group)).toEqual([kept]);
    const activities = new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name });
    const { Activities } = await aws.scaling.send(activities);
    expect(Activities!.map((a) => a.Description!.split(":")[0])).toEqual([
      ...Array(2).fill("Terminating EC2 instance"),
      ...Array(3).fill("Launching a new EC2 instance"),
    ]);
    expect(Activities!.every((a) => a.StatusCode === "Successful")).toBe(true);
  });

  test("capacity outside of the bounds is refused, new bounds move it", async () => {
    const name = await scalingGroup(2);
    const tooMany = new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 7 });
    await expect(aws.scaling.send(tooMany)).rejects.toThrow(/7 is above max value 6/);
    await aws.scaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, MinSize: 4 }));
    expect(await running(name)).toHaveLength(4);
  });

  test("a group with instances is deleted by force only, and its instances end", async () => {
    const group = await targetGroup();
    const name = await scalingGroup(2, [group]);
    const gently = new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: name });
    await expect(aws.scaling.send(gently)).rejects.toThrow(/there are instances still in the group/);
    await aws.scaling.send(
      new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: name, ForceDelete: true }),
    );
    expect(await running(name)).toEqual([]);
    expect(await targets(group)).toEqual([]);
  });

  test("target groups that are attached get the instances, detached ones lose them", async () => {
    const group = await targetGroup();
    const name = await scalingGroup(2);
    const both = { AutoScalingGroupName: name, TargetGroupARNs: [group] };
    await aws.scaling.send(new AttachLoadBalancerTargetGroupsCommand(both));
    expect(await targets(group)).toHaveLength(2);
    await aws.scaling.send(new DetachLoadBalancerTargetGroupsCommand(both));
    expect(await targets(group)).toEqual([]);
  });

  test("a failed machine is replaced, and the replacement registered", async () => {
    const group = await targetGroup();
    const name = await scalingGroup(2, [group]);
    const [failed] = await running(name);
    await emulator.internal("POST", `instances/${failed!.id}/fail`, { reason: "exit code 1" });
    const machines = await running(name);
    expect(machines).toHaveLength(2);
    expect(machines.map((m) => m.id)).not.toContain(failed!.id);
    expect((await targets(group)).sort()).toEqual(machines.map((m) => m.id).sort());
    expect((await state()).instances.find((i) => i.id === failed!.id)!.state).toBe("terminated");
    await expect(emulator.internal("POST", `instances/${failed!.id}/fail`, {})).rejects.toThrow(/^404/);
  });

  test("capacity that is set on behalf of a policy stays within the bounds", async () => {
    const name = await scalingGroup(1);
    const set = (desired: number) =>
      emulator.internal("POST", `auto-scaling-groups/${name}/desired`, { desired, cause: "a policy" });
    await set(9);
    expect(await running(name)).toHaveLength(6);
    await set(-1);
    expect(await running(name)).toHaveLength(0);
  });

  test("nothing is launched while launching is suspended", async () => {
    const name = await scalingGroup(1);
    await aws.scaling.send(
      new SuspendProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses: ["Launch"] }),
    );
    await aws.scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 3 }));
    expect(await running(name)).toHaveLength(1);
  });

  test("user data reaches the machine as text, compressed or not", async () => {
    const text = "#cloud-config\n# ä compressed\n";
    const plain = await scalingGroup(1, [], await launchTemplate(Buffer.from(text)));
    const packed = await scalingGroup(1, [], await launchTemplate(gzipSync(text)));
    expect((await running(plain))[0]!.userData).toBe(text);
    expect((await running(packed))[0]!.userData).toBe(text);
  });
});

describe("Load balancers", () => {
  test("each has a loopback address of its own, is active at once, and frees its address when deleted", async () => {
    const [one, two] = [await loadBalancer(), await loadBalancer()];
    expect(one.dnsName).toMatch(/^127\.80\.\d+\.\d+$/);
    expect(two.dnsName).toMatch(/^127\.80\.\d+\.\d+$/);
    expect(two.dnsName).not.toBe(one.dnsName);
    const both = new DescribeLoadBalancersCommand({ LoadBalancerArns: [one.arn, two.arn] });
    const { LoadBalancers } = await aws.elb.send(both);
    expect(LoadBalancers!.map((b) => b.State!.Code)).toEqual(["active", "active"]);
    await aws.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: one.arn }));
    expect((await loadBalancer()).dnsName).toBe(one.dnsName);
  });

  test("deletion protection holds", async () => {
    const { arn } = await loadBalancer();
    const protect = (Value: string) =>
      new ModifyLoadBalancerAttributesCommand({
        LoadBalancerArn: arn,
        Attributes: [{ Key: "deletion_protection.enabled", Value }],
      });
    await aws.elb.send(protect("true"));
    const remove = new DeleteLoadBalancerCommand({ LoadBalancerArn: arn });
    await expect(aws.elb.send(remove)).rejects.toThrow(/deletion protection is enabled/);
    await aws.elb.send(protect("false"));
    await aws.elb.send(remove);
  });

  test("weights are moved by one call, and the state shows them with the rules", async () => {
    const [blue, green] = [await targetGroup(), await targetGroup()];
    const { arn } = await loadBalancer();
    const listenerArn = await listener(arn, { [blue]: 100, [green]: 0 });
    await aws.elb.send(
      new CreateRuleCommand({
        ListenerArn: listenerArn,
        Priority: 10,
        Conditions: [
          {
            Field: "http-header",
            HttpHeaderConfig: { HttpHeaderName: "X-Fleet", Values: ["green"] },
          },
        ],
        Actions: [forward({ [green]: 1 })],
      }),
    );
    await aws.elb.send(
      new ModifyListenerCommand({
        ListenerArn: listenerArn,
        DefaultActions: [forward({ [blue]: 0, [green]: 100 })],
      }),
    );
    const seen = (await state()).listeners.find((l) => l.arn === listenerArn)!;
    const weights = [
      { arn: blue, weight: 0 },
      { arn: green, weight: 100 },
    ];
    expect(seen.defaultActions).toEqual([{ type: "forward", targetGroups: weights }]);
    expect(seen.rules).toMatchObject([
      { priority: 10, conditions: [{ field: "http-header", name: "X-Fleet", values: ["green"] }] },
    ]);
    const { Listeners } = await aws.elb.send(new DescribeListenersCommand({ ListenerArns: [listenerArn] }));
    const groups = Listeners![0]!.DefaultActions![0]!.ForwardConfig!.TargetGroups!;
    expect(groups.map((g) => g.Weight)).toEqual([0, 100]);
  });

  test("a target group knows the load balancer that uses it for as long as it does", async () => {
    const [used, other] = [await targetGroup(), await targetGroup()];
    const { arn } = await loadBalancer();
    const listenerArn = await listener(arn, { [used]: 1 });
    const balancers = async () => {
      const { TargetGroups } = await aws.elb.send(
        new DescribeTargetGroupsCommand({ TargetGroupArns: [used] }),
      );
      return TargetGroups![0]!.LoadBalancerArns;
    };
    expect(await balancers()).toEqual([arn]);
    await aws.elb.send(
      new ModifyListenerCommand({ ListenerArn: listenerArn, DefaultActions: [forward({ [other]: 1 })] }),
    );
    expect(await balancers()).toEqual([]);
  });

  test("deleting a target group twice is no error, as for a caller that lost the first answer", async () => {
    const TargetGroupArn = await targetGroup();
    await aws.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
    await aws.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
  });

  test("target health is what the load balancer reports, and nothing better", async () => {
    const group = await targetGroup();
    const name = await scalingGroup(2, [group]);
    const [one, two] = (await running(name)).map((m) => m.id);
    const health = async () => {
      const command = new DescribeTargetHealthCommand({ TargetGroupArn: group });
      const { TargetHealthDescriptions } = await aws.elb.send(command);
      return Object.fromEntries(
        TargetHealthDescriptions!.map((d) => [
          d.Target!.Id,
          `${d.TargetHealth!.State} ${d.TargetHealth!.Reason ?? ""}`.trim(),
        ]),
      );
    };
    expect(await health()).toEqual({ [one!]: "unused Target.NotInUse", [two!]: "unused Target.NotInUse" });
    const { arn } = await loadBalancer();
    await listener(arn, { [group]: 1 });
    expect(await health()).toEqual({
      [one!]: "initial Elb.RegistrationInProgress",
      [two!]: "initial Elb.RegistrationInProgress",
    });
    const unhealthy = { state: "unhealthy", reason: "Target.Timeout", description: "Request timed out" };
    const report = {
      [group]: {
        [`${one}:8080`]: { state: "healthy" },
        [`${two}:8080`]: unhealthy,
        "i-0123456789abcdef0:8080": { state: "draining" },
        "i-0123456789abcdef1:8080": { state: "healthy" },
      },
    };
    await emulator.internal("PUT", "target-health", report);
    expect(await health()).toEqual({
      [one!]: "healthy",
      [two!]: "unhealthy Target.Timeout",
      "i-0123456789abcdef0": "draining Target.DeregistrationInProgress",
    });
    const wrong = { [group]: { [`${one}:8080`]: { state: "fine" } } };
    await expect(emulator.internal("PUT", "target-health", wrong)).rejects.toThrow(/state 'fine' is none of/);
    await emulator.internal("PUT", "target-health", {});
  });
});

describe("State", () => {
  test("a poll waits for a change and returns with it, or when its time is over", async () => {
    const before = await state();
    const started = Date.now();
    const poll = state(`?since=${before.revision}&wait=20`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await targetGroup();
    expect((await poll).revision).toBe(before.revision + 1);
    expect(Date.now() - started).toBeGreaterThanOrEqual(300);
    expect(Date.now() - started).toBeLessThan(10_000);
    const now = (await poll).revision;
    expect((await state(`?since=${now}&wait=0.2`)).revision).toBe(now);
    expect((await state(`?since=${now - 1}&wait=20`)).revision).toBe(now);
  });
});

describe("CloudWatch", () => {
  const dimensions = { LoadBalancer: "app/lb/1", TargetGroup: "targetgroup/tg/1" };
  const sdkDimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

  async function report(name: string, values: number[], counts?: number[]) {
    const datum = { namespace: "AWS/ApplicationELB", name, dimensions, unit: "Count", values, counts };
    await emulator.internal("POST", "metrics", {
      metrics: [{ ...datum, timestamp: new Date().toISOString() }],
    });
  }

  test("numbers of the load balancer come back with the right statistics, by their dimensions", async () => {
    const name = unique("TargetResponseTime");
    await report(name, [0.1, 0.2, 1.5], [90, 9, 1]);
    const read = async (Dimensions: { Name: string; Value: string }[]) =>
      (
        await aws.cloudwatch.send(
          new GetMetricStatisticsCommand({
            Namespace: "AWS/ApplicationELB",
            MetricName: name,
            Dimensions,
            StartTime: minutesAgo(5),
            EndTime: minutesAgo(-1),
            Period: 3600,
            Statistics: ["Sum", "SampleCount", "Average", "Minimum", "Maximum"],
            ExtendedStatistics: ["p50", "p99", "p100"],
          }),
        )
      ).Datapoints!;
    const [point] = await read(sdkDimensions);
    expect(point!.Sum).toBeCloseTo(12.3);
    expect(point!.SampleCount).toBe(100);
    expect(point!.Average).toBeCloseTo(0.123);
    expect([point!.Minimum, point!.Maximum]).toEqual([0.1, 1.5]);
    expect(point!.ExtendedStatistics).toEqual({ p50: 0.1, p99: 0.2, p100: 1.5 });
    expect(await read(sdkDimensions.slice(0, 1))).toEqual([]);
  });

  test("metric math over what was put by PutMetricData", async () => {
    const Namespace = unique("Shop");
    const put = (MetricName: string, Value: number) =>
      aws.cloudwatch.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName, Value }] }));
    await put("Errors", 3);
    await put("Requests", 60);
    const metric = (MetricName: string) => ({
      Metric: { Namespace, MetricName },
      Period: 3600,
      Stat: "Sum",
    });
    const { MetricDataResults } = await aws.cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: minutesAgo(5),
        EndTime: minutesAgo(-1),
        MetricDataQueries: [
          { Id: "percent", Expression: "100 * errors / FILL(requests, 0)" },
          { Id: "errors", MetricStat: metric("Errors"), ReturnData: false },
          { Id: "requests", MetricStat: metric("Requests"), ReturnData: false },
        ],
      }),
    );
    expect(MetricDataResults!.map((r) => [r.Id, r.Values])).toEqual([["percent", [5]]]);
  });

  test("alarms follow the numbers, composite alarms follow alarms, a state set by hand stays for a while", async () => {
    const metric = unique("HTTPCode_Target_5XX_Count");
    const [errors, any] = [unique("errors"), unique("any")];
    await aws.cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: errors,
        Namespace: "AWS/ApplicationELB",
        MetricName: metric,
        Dimensions: sdkDimensions,
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 5,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
      }),
    );
    await aws.cloudwatch.send(
      new PutCompositeAlarmCommand({ AlarmName: any, AlarmRule: `ALARM("${errors}") AND NOT FALSE` }),
    );
    const states = async () => {
      const { MetricAlarms, CompositeAlarms } = await aws.cloudwatch.send(
        new DescribeAlarmsCommand({
          AlarmNames: [errors, any],
          AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
        }),
      );
      return [...MetricAlarms!, ...CompositeAlarms!].map((a) => a.StateValue);
    };
    expect(await states()).toEqual(["OK", "OK"]);
    await report(metric, [5]);
    expect(await states()).toEqual(["OK", "OK"]);
    await report(metric, [1]);
    expect(await states()).toEqual(["ALARM", "ALARM"]);
    const names = [errors, any];
    for (const [StateValue, found] of [
      ["ALARM", 1],
      ["OK", 0],
    ] as const) {
      const asked = new DescribeAlarmsCommand({ AlarmNames: names, StateValue });
      expect((await aws.cloudwatch.send(asked)).MetricAlarms).toHaveLength(found);
    }
    await aws.cloudwatch.send(
      new SetAlarmStateCommand({ AlarmName: errors, StateValue: "OK", StateReason: "test" }),
    );
    expect(await states()).toEqual(["OK", "OK"]);
  });
});

describe("Queues", () => {
  /** There is no client of SQS here, and for this none is needed. */
  async function sqs<T>(operation: string, body: object): Promise<T> {
    const response = await fetch(emulator.endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `AmazonSQS.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=AKIASANDBOX000000000/20260101/${region}/sqs/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(body),
    });
    const answer = await response.text();
    expect([response.status, answer]).toEqual([200, answer]);
    return (answer === "" ? {} : JSON.parse(answer)) as T;
  }

  test("attributes that a request does not name stay, whatever the order in which they come", async () => {
    const dead = await sqs<{ QueueUrl: string }>("CreateQueue", { QueueName: "dead" });
    const arn = `arn:aws:sqs:${region}:123456789012:dead`;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 5 });
    const Statement = [{ Effect: "Deny", Principal: "*", Action: "sqs:*", Resource: "*" }];
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
    const { QueueUrl } = await sqs<{ QueueUrl: string }>("CreateQueue", { QueueName: "inbox" });
    const attributes = async () => {
      const asked = { QueueUrl, AttributeNames: ["All"] };
      return (await sqs<{ Attributes: Record<string, string> }>("GetQueueAttributes", asked)).Attributes;
    };
    await sqs("SetQueueAttributes", { QueueUrl, Attributes: { Policy } });
    await sqs("SetQueueAttributes", { QueueUrl, Attributes: { RedrivePolicy } });
    await sqs("SetQueueAttributes", { QueueUrl, Attributes: { VisibilityTimeout: "45" } });
    const set = await attributes();
    expect([JSON.parse(set.Policy!), JSON.parse(set.RedrivePolicy!), set.VisibilityTimeout]).toEqual([
      JSON.parse(Policy),
      JSON.parse(RedrivePolicy),
      "45",
    ]);
    await sqs("SetQueueAttributes", { QueueUrl, Attributes: { Policy: "" } });
    expect(await attributes()).not.toHaveProperty("Policy");
    for (const url of [QueueUrl, dead.QueueUrl]) await sqs("DeleteQueue", { QueueUrl: url });
  });
});

describe("Functions", () => {
  /** There is no client of Lambda here either. */
  async function lambda(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${emulator.endpoint}/2015-03-31/functions${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        authorization: `AWS4-HMAC-SHA256 Credential=AKIASANDBOX000000000/20260101/${region}/lambda/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: body && JSON.stringify(body),
    });
    const answer = await response.text();
    expect([response.ok, answer]).toEqual([true, answer]);
    return JSON.parse(answer || "{}") as Record<string, unknown>;
  }

  /** A role that functions may take; its ARN. */
  async function role(name: string): Promise<string> {
    const allowed = {
      Effect: "Allow",
      Principal: { Service: "lambda.amazonaws.com" },
      Action: "sts:AssumeRole",
    };
    const response = await fetch(emulator.endpoint, {
      method: "POST",
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=AKIASANDBOX000000000/20260101/${region}/iam/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: new URLSearchParams({
        Action: "CreateRole",
        Version: "2010-05-08",
        RoleName: name,
        AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [allowed] }),
      }),
    });
    return /<Arn>(.+?)<\/Arn>/.exec(await response.text())![1]!;
  }

  test("where a function logs is kept, and is the group of its name where nothing is said", async () => {
    const empty = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="; // a zip archive with nothing in it
    const common = { Runtime: "nodejs22.x", Handler: "index.handler", Code: { ZipFile: empty } };
    const Role = await role("functions");
    const LoggingConfig = { LogFormat: "Text", LogGroup: "somewhere" };
    await lambda("POST", "", { ...common, Role, FunctionName: "told", LoggingConfig });
    await lambda("POST", "", { ...common, Role, FunctionName: "untold" });
    const logging = async (name: string) => (await lambda("GET", `/${name}/configuration`)).LoggingConfig;
    expect(await logging("told")).toEqual(LoggingConfig);
    expect(await logging("untold")).toEqual({ LogFormat: "Text", LogGroup: "/aws/lambda/untold" });
    await lambda("PUT", "/untold/configuration", { LoggingConfig });
    await lambda("PUT", "/untold/configuration", { Timeout: 9 });
    expect(await logging("untold")).toEqual(LoggingConfig);
    for (const name of ["told", "untold"]) await lambda("DELETE", `/${name}`);
  });
});

describe("What is not there", () => {
  test("an operation that is missing fails at once, with its name", async () => {
    const refresh = new CancelInstanceRefreshCommand({ AutoScalingGroupName: "none" });
    await expect(aws.scaling.send(refresh)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    const placement = new CreatePlacementGroupCommand({ GroupName: "none" });
    await expect(aws.ec2.send(placement)).rejects.toMatchObject({
      name: "NotImplemented",
      message: expect.stringContaining("no ec2:CreatePlacementGroup"),
    });
  });

  test("the images and zones that environments ask for are there", async () => {
    const { AvailabilityZones } = await aws.ec2.send(new DescribeAvailabilityZonesCommand({}));
    expect(AvailabilityZones!.length).toBeGreaterThanOrEqual(3);
    const amazon = new DescribeImagesCommand({
      Owners: ["amazon"],
      Filters: [{ Name: "name", Values: ["al2023-ami-2023.*-x86_64"] }],
    });
    expect((await aws.ec2.send(amazon)).Images).toHaveLength(1);
  });
});

describe("A killed emulator", () => {
  /** All that is described, without what belongs to the one request. */
  async function everything(clients: Clients) {
    const { LoadBalancers } = await clients.elb.send(new DescribeLoadBalancersCommand({}));
    const listeners = await Promise.all(
      LoadBalancers!.map((b) =>
        clients.elb.send(new DescribeListenersCommand({ LoadBalancerArn: b.LoadBalancerArn })),
      ),
    );
    const arns = listeners.flatMap((l) => l.Listeners!.map((x) => x.ListenerArn!));
    const answers = await Promise.all([
      clients.ec2.send(new DescribeVpcsCommand({})),
      clients.ec2.send(new DescribeSecurityGroupsCommand({})),
      clients.ec2.send(new DescribeInstancesCommand({})),
      clients.ec2.send(
        new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: launchTemplateId, Versions: ["1"] }),
      ),
      clients.scaling.send(new DescribeAutoScalingGroupsCommand({})),
      clients.scaling.send(new DescribeScalingActivitiesCommand({})),
      clients.elb.send(new DescribeTargetGroupsCommand({})),
      clients.s3.send(new ListObjectVersionsCommand({ Bucket: "artifacts" })),
      ...arns.map((ListenerArn) => clients.elb.send(new DescribeRulesCommand({ ListenerArn }))),
    ]);
    return JSON.parse(
      JSON.stringify([LoadBalancers, listeners, answers], (key, value) =>
        key === "$metadata" ? undefined : value,
      ),
    );
  }

  test("comes back with the same state, ids, addresses, versions and contents, whatever was read in between", async () => {
    await aws.s3.send(new CreateBucketCommand({ Bucket: "artifacts" }));
    const versioning = { Status: "Enabled" as const };
    await aws.s3.send(
      new PutBucketVersioningCommand({ Bucket: "artifacts", VersioningConfiguration: versioning }),
    );
    const binary = Buffer.from(Array.from({ length: 4_096 }, (_, i) => i % 256));
    for (const body of [Buffer.from("first"), binary]) {
      await aws.s3.send(new PutObjectCommand({ Bucket: "artifacts", Key: "shop/1.0.0.tar.gz", Body: body }));
    }
    const [before, seen] = [await state(), await everything(aws)];
    await emulator.end("SIGKILL");
    appendFileSync(journal, '{"n":9999,"t":1,"method":"POST","path":"/","que');

    await emulator.start();
    aws = emulator.clients();
    expect(await state()).toEqual(before);
    expect(await everything(aws)).toEqual(seen);
    const { Body } = await aws.s3.send(
      new GetObjectCommand({ Bucket: "artifacts", Key: "shop/1.0.0.tar.gz" }),
    );
    expect(Buffer.from(await Body!.transformToByteArray()).equals(binary)).toBe(true);

    const revision = before.revision;
    const name = await scalingGroup(1);
    expect((await state()).revision).toBe(revision + 1);
    const ids = (await state()).instances.map((i) => i.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(await running(name)).toHaveLength(1);
  });

  test("keeps its journal while anything is left, and begins with an empty one when all is gone", async () => {
    const other = new TestEmulator(join(folder, "other"));
    await other.start();
    const create = new CreateVpcCommand({ CidrBlock: "10.1.0.0/16" });
    const { VpcId } = (await other.clients().ec2.send(create)).Vpc!;
    await other.clients().s3.send(new CreateBucketCommand({ Bucket: "left-over" }));
    await other.clients().ec2.send(new DeleteVpcCommand({ VpcId }));
    await other.end();
    await other.start();
    expect((await other.clients().s3.send(new ListBucketsCommand({}))).Buckets).toHaveLength(1);
    await other.clients().s3.send(new DeleteBucketCommand({ Bucket: "left-over" }));
    await other.end();
    await other.start();
    expect((await other.internal<State>("GET", "state")).revision).toBe(0);
    await other.end();
  });

  test("does not let a second one write the same journal", async () => {
    await expect(new TestEmulator(journal).start()).rejects.toThrow(/is in use by another emulator/);
  });
});
