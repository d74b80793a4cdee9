/** The sandbox's Auto Scaling acts as AWS's does: alarms, cooldowns, target tracking, schedules, sick targets. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  PutScalingPolicyCommand,
  type PutScalingPolicyCommandInput,
  PutScheduledUpdateGroupActionCommand,
  SuspendProcessesCommand,
} from "@aws-sdk/client-auto-scaling";
import { PutMetricAlarmCommand, type PutMetricAlarmCommandInput } from "@aws-sdk/client-cloudwatch";
import {
  CreateLaunchTemplateCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeImagesCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { ensureEmulatorPython } from "../../sandbox/toolchain/python";
import { type Clients, type State, TestEmulator } from "../support/emulator";
import { sleep, until } from "../support/sandbox";

jest.setTimeout(10 * 60_000);

const folder = mkdtempSync(join(tmpdir(), "retrofit-autoscaler-"));
// A minute of alarms and cooldowns is one second here.
const emulator = new TestEmulator(join(folder, "journal"), { RETROFIT_MINUTE_SECONDS: "1" });
let aws: Clients;
let subnetIds: string[];
let vpcId: string;
let template: string;
/** Its schedule comes within the minute that the other tests take. */
let minutely: string;
let counter = 0;
const unique = (name: string) => `${name}-${++counter}`;

beforeAll(async () => {
  await emulator.start();
  aws = emulator.clients();
  const { ec2 } = aws;
  vpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }))).Vpc!.VpcId!;
  subnetIds = [];
  for (const [index, zone] of ["a", "b"].entries()) {
    const subnet = { VpcId: vpcId, CidrBlock: `10.9.${index}.0/24`, AvailabilityZone: `eu-central-1${zone}` };
    subnetIds.push((await ec2.send(new CreateSubnetCommand(subnet))).Subnet!.SubnetId!);
  }
  const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ["136693071363"] }));
  const data = { ImageId: Images![0]!.ImageId!, InstanceType: "t3.micro" as const };
  const named = { LaunchTemplateName: "web", LaunchTemplateData: data };
  template = (await ec2.send(new CreateLaunchTemplateCommand(named))).LaunchTemplate!.LaunchTemplateId!;
  minutely = await group(0, 3, 0);
  await aws.scaling.send(
    new PutScheduledUpdateGroupActionCommand({
      AutoScalingGroupName: minutely,
      ScheduledActionName: "minutely",
      Recurrence: "* * * * *",
      TimeZone: "Europe/Berlin",
      MinSize: 1,
      MaxSize: 3,
      DesiredCapacity: 2,
    }),
  );
});

afterAll(async () => {
  await emulator.end();
  rmSync(folder, { recursive: true, force: true });
});

async function group(min: number, max: number, desired: number, more = {}): Promise<string> {
  const AutoScalingGroupName = unique("fleet");
  await aws.scaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName,
      MinSize: min,
      MaxSize: max,
      DesiredCapacity: desired,
      LaunchTemplate: { LaunchTemplateId: template, Version: "1" },
      VPCZoneIdentifier: subnetIds.join(","),
      ...more,
    }),
  );
  return AutoScalingGroupName;
}

async function described(name: string) {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
  return (await aws.scaling.send(command)).AutoScalingGroups![0]!;
}

const size = async (name: string) => (await described(name)).Instances!.length;

async function activities(name: string) {
  const command = new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name });
  return (await aws.scaling.send(command)).Activities!.map(
    ({ Cause, Description }) => `${Description} ${Cause}`,
  );
}

async function policy(name: string, more: Partial<PutScalingPolicyCommandInput>): Promise<string> {
  const wanted = { AutoScalingGroupName: name, PolicyName: unique("policy"), ...more };
  return (await aws.scaling.send(new PutScalingPolicyCommand(wanted))).PolicyARN!;
}

/** An alarm on a number of the test's own, by default above 10 for one minute. */
async function alarm(metric: string, action: string, more: Partial<PutMetricAlarmCommandInput> = {}) {
  await aws.cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: unique("alarm"),
      Namespace: "Shop",
      MetricName: metric,
      Statistic: "Average",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 10,
      ComparisonOperator: "GreaterThanThreshold",
      TreatMissingData: "notBreaching",
      AlarmActions: [action],
      ...more,
    }),
  );
}

/** Puts a number in each second, until it is stopped. */
function numbers(metric: string, value: number): { to(value: number): void; stop(): void } {
  let current = value;
  const put = () =>
    void emulator
      .internal("POST", "metrics", { metrics: [{ namespace: "Shop", name: metric, value: current }] })
      .catch(() => {});
  put();
  const timer = setInterval(put, 300);
  return { to: (next) => (current = next), stop: () => clearInterval(timer) };
}

/** Every size that a group is seen to have until the condition holds. */
async function sizesUntil(name: string, wanted: number, seconds = 40): Promise<number[]> {
  const seen: number[] = [];
  await until(
    `${name} has ${wanted} machines`,
    async () => {
      const now = await size(name);
      if (now !== seen.at(-1)) seen.push(now);
      return now === wanted;
    },
    seconds,
  );
  return seen;
}

test("a simple policy adds and takes away one machine at a time, with its cooldown in between, within the bounds", async () => {
  const name = await group(1, 3, 1);
  const kind = { PolicyType: "SimpleScaling", AdjustmentType: "ChangeInCapacity" };
  await alarm("queue", await policy(name, { ...kind, ScalingAdjustment: 1, Cooldown: 180 }));
  await alarm("queue", await policy(name, { ...kind, ScalingAdjustment: -1, Cooldown: 60 }), {
    ComparisonOperator: "LessThanThreshold",
    Threshold: 5,
  });
  const queue = numbers("queue", 20);
  try {
    const began = Date.now();
    expect(await sizesUntil(name, 3)).toEqual([1, 2, 3]);
    // Three of the sandbox's minutes lie between the first machine and the second.
    expect(Date.now() - began).toBeGreaterThan(3_000);
    await sleep(4_000);
    expect(await size(name)).toBe(3);
    queue.to(0);
    expect(await sizesUntil(name, 1)).toEqual([3, 2, 1]);
    await sleep(2_000);
    expect(await size(name)).toBe(1);
  } finally {
    queue.stop();
  }
  expect((await activities(name))[0]).toMatch(
    /^Terminating EC2 instance.*alarm alarm-\d+ in state ALARM triggered policy policy-\d+ changing the desired capacity from 2 to 1$/,
  );
});

test("a step policy adds what its step says, and machines that warm up count as added", async () => {
  const name = await group(1, 10, 1);
  const steps = [
    { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 50, ScalingAdjustment: 1 },
    { MetricIntervalLowerBound: 50, ScalingAdjustment: 3 },
  ];
  const warm = { EstimatedInstanceWarmup: 3600, MetricAggregationType: "Average" };
  const arn = await policy(name, {
    PolicyType: "StepScaling",
    AdjustmentType: "ChangeInCapacity",
    StepAdjustments: steps,
    ...warm,
  });
  await alarm("steps", arn);
  // The first machine counts as warming as well, so the group stands at 0 + 1 and is large enough already.
  const load = numbers("steps", 20);
  try {
    await sleep(3_000);
    expect(await size(name)).toBe(1);
    load.to(70);
    await sizesUntil(name, 3);
    await sleep(3_000);
    expect(await size(name)).toBe(3);
  } finally {
    load.stop();
  }
});

test("target tracking jumps to what the load needs, and goes down slowly", async () => {
  const name = await group(1, 8, 2);
  // Until the first two have warmed up: those that warm up are not counted.
  await sleep(5_500);
  await policy(name, {
    PolicyType: "TargetTrackingScaling",
    TargetTrackingConfiguration: {
      CustomizedMetricSpecification: { Namespace: "Shop", MetricName: "use", Statistic: "Average" },
      TargetValue: 50,
    },
    EstimatedInstanceWarmup: 300,
  });
  const use = numbers("use", 125);
  try {
    expect(await sizesUntil(name, 5)).toEqual([2, 5]);
    use.to(1);
    expect(await sizesUntil(name, 4, 60)).toEqual([5, 4]);
  } finally {
    use.stop();
  }
});

test("a suspended group is left alone", async () => {
  const name = await group(1, 3, 1);
  const arn = await policy(name, {
    PolicyType: "SimpleScaling",
    AdjustmentType: "ExactCapacity",
    ScalingAdjustment: 3,
  });
  const suspend = { AutoScalingGroupName: name, ScalingProcesses: ["AlarmNotification"] };
  await aws.scaling.send(new SuspendProcessesCommand(suspend));
  await alarm("suspended", arn);
  const load = numbers("suspended", 99);
  await sleep(3_000);
  load.stop();
  expect(await size(name)).toBe(1);
});

test("a schedule moves the bounds, and the capacity only as far as they ask", async () => {
  const name = await group(1, 3, 3);
  const at = (milliseconds: number) => new Date(Math.ceil((Date.now() + milliseconds) / 1000) * 1000);
  await aws.scaling.send(
    new PutScheduledUpdateGroupActionCommand({
      AutoScalingGroupName: name,
      ScheduledActionName: "night",
      StartTime: at(1_000),
      MinSize: 0,
      MaxSize: 2,
    }),
  );
  await sizesUntil(name, 2);
  const { MinSize, MaxSize, DesiredCapacity } = await described(name);
  expect([MinSize, MaxSize, DesiredCapacity]).toEqual([0, 2, 2]);
  expect((await activities(name))[0]).toMatch(/executing scheduled action night$/);
});

test("a target that the load balancer calls unhealthy is replaced after its grace, where the group listens to it", async () => {
  const { elb } = aws;
  const balancer = await elb.send(new CreateLoadBalancerCommand({ Name: unique("lb"), Subnets: subnetIds }));
  const made = new CreateTargetGroupCommand({
    Name: unique("tg"),
    Protocol: "HTTP",
    Port: 8080,
    VpcId: vpcId,
  });
  const TargetGroupArn = (await elb.send(made)).TargetGroups![0]!.TargetGroupArn!;
  const LoadBalancerArn = balancer.LoadBalancers![0]!.LoadBalancerArn!;
  const forward = { Type: "forward" as const, TargetGroupArn };
  await elb.send(
    new CreateListenerCommand({ LoadBalancerArn, Protocol: "HTTP", Port: 80, DefaultActions: [forward] }),
  );
  const with_ = (HealthCheckType: string, HealthCheckGracePeriod: number) =>
    group(2, 2, 2, { TargetGroupARNs: [TargetGroupArn], HealthCheckType, HealthCheckGracePeriod });
  const [listening, deaf] = [await with_("ELB", 240), await with_("EC2", 0)];
  const ids = async (name: string) => (await described(name)).Instances!.map(({ InstanceId }) => InstanceId!);
  const [sick, well] = await ids(listening);
  const deafs = await ids(deaf);
  const report = (state: string) => ({ state, reason: null, description: null });
  const health = Object.fromEntries(
    [sick!, ...deafs]
      .map((id) => [`${id}:8080`, report("unhealthy")])
      .concat([[`${well}:8080`, report("healthy")]]),
  );
  await emulator.internal("PUT", "target-health", { [TargetGroupArn]: health });
  await sleep(1_500);
  // Still in its grace of four of the sandbox's minutes.
  expect(await ids(listening)).toContain(sick);
  await until("the sick machine is replaced", async () => !(await ids(listening)).includes(sick!), 20);
  expect(await ids(listening)).toContain(well);
  expect(await ids(listening)).toHaveLength(2);
  expect(await ids(deaf)).toEqual(deafs);
  expect((await activities(listening)).join("\n")).toContain("in response to an ELB system health check");
});

test("what the autoscaler did is there after a crash, and its cooldown goes on", async () => {
  const name = await group(1, 3, 1);
  const arn = await policy(name, {
    PolicyType: "SimpleScaling",
    AdjustmentType: "ChangeInCapacity",
    ScalingAdjustment: 1,
    Cooldown: 3600,
  });
  await alarm("crash", arn);
  const load = numbers("crash", 99);
  await sizesUntil(name, 2);
  load.stop();
  const before = await emulator.internal<State>("GET", "state");
  await emulator.end("SIGKILL");
  await emulator.start();
  aws = emulator.clients();
  expect(await emulator.internal<State>("GET", "state")).toEqual(before);
  const again = numbers("crash", 99);
  await sleep(3_000);
  again.stop();
  expect(await size(name)).toBe(2);
});

test("a recurring schedule acts at its minute, once", async () => {
  await sizesUntil(minutely, 2, 70);
  expect((await activities(minutely)).filter((text) => text.includes("action minutely"))).toHaveLength(2);
});

test.each([
  ["0 8 * * *", "Europe/Berlin", "2026-07-01T05:59:00Z", "2026-07-01T06:01:00Z", "2026-07-01T06:00:00Z"],
  ["0 8 * * *", "Europe/Berlin", "2026-01-05T06:59:00Z", "2026-01-05T07:01:00Z", "2026-01-05T07:00:00Z"],
  ["0 8 * * *", "Europe/Berlin", "2026-01-05T07:00:00Z", "2026-01-05T07:05:00Z", null],
  ["*/15 * * * *", "UTC", "2026-01-05T07:01:00Z", "2026-01-05T07:50:00Z", "2026-01-05T07:45:00Z"],
  ["0 20 * * mon-fri", "UTC", "2026-01-03T19:50:00Z", "2026-01-03T20:10:00Z", null],
  ["0 20 * * 1-5", "UTC", "2026-01-05T19:50:00Z", "2026-01-05T20:10:00Z", "2026-01-05T20:00:00Z"],
  // Where day of the month and day of the week are both restricted, either will do.
  ["0 0 13 * 5", "UTC", "2026-01-01T23:50:00Z", "2026-01-02T00:10:00Z", "2026-01-02T00:00:00Z"],
])("the cron %s in %s between %s and %s", async (cron, zone, after, end, expected) => {
  const python = process.env.RETROFIT_EMULATOR_PYTHON ?? (await ensureEmulatorPython(() => {}));
  const program = `import sys, json; from retrofit_emulator import recurrence; a = json.loads(sys.argv[1]); print(json.dumps(recurrence.latest(*a)))`;
  const seconds = (text: string) => Date.parse(text) / 1000;
  const answer = execFileSync(
    python,
    ["-c", program, JSON.stringify([cron, zone, seconds(after), seconds(end)])],
    { cwd: join(__dirname, "..", "..", "sandbox", "emulator"), env: { PYTHONDONTWRITEBYTECODE: "1" } },
  );
  expect(JSON.parse(answer.toString())).toBe(expected === null ? null : seconds(expected));
});
