import { FINDERS, type RecoveryClients } from "./orphans";
import { knownIds, pendingOperations, settled } from "./state";

type Command = { constructor: { name: string }; input: Record<string, unknown> };

/** Clients that answer by command, and note what is called. */
function clientsWith(answers: Record<string, unknown>) {
  const calls: [string, Record<string, unknown>][] = [];
  const send = async (command: Command) => {
    const name = command.constructor.name.replace(/Command$/, "");
    calls.push([name, command.input]);
    const answer = answers[name];
    if (answer instanceof Error) throw answer;
    return answer ?? {};
  };
  const client = { send: send as never };
  const clients: RecoveryClients = { autoScaling: client, cloudWatch: client, ec2: client, elb: client };
  return { clients, calls };
}

const named = (name: string) => Object.assign(new Error(`${name}: does not exist`), { name });
const find = (type: string, clients: RecoveryClients, inputs: Record<string, unknown>) =>
  FINDERS[type]!(clients, inputs);

test.each([
  [
    "aws:ec2/launchTemplate:LaunchTemplate",
    "DescribeLaunchTemplates",
    "InvalidLaunchTemplateName.NotFoundException",
  ],
  ["aws:lb/targetGroup:TargetGroup", "DescribeTargetGroups", "TargetGroupNotFoundException"],
  ["aws:lb/listener:Listener", "DescribeListeners", "LoadBalancerNotFoundException"],
])("a create that never reached AWS leaves nothing: %s", async (type, call, error) => {
  expect(await find(type, clientsWith({ [call]: named(error) }).clients, { name: "web-1" })).toBeUndefined();
});

test("a refusal of AWS is an error and not an absence", async () => {
  const { clients } = clientsWith({ DescribeTargetGroups: named("AccessDenied") });
  clients.elb.send = (async () => {
    throw Object.assign(new Error("not authorized"), { name: "AccessDenied" });
  }) as never;
  await expect(find("aws:lb/targetGroup:TargetGroup", clients, { name: "web-1" })).rejects.toThrow(
    "not authorized",
  );
});

test("a group that booted without anybody knowing is found by its name and taken away with its machines", async () => {
  const { clients, calls } = clientsWith({
    DescribeAutoScalingGroups: { AutoScalingGroups: [{ Instances: [{}, {}], TargetGroupARNs: ["tg"] }] },
    DescribeTargetGroups: { TargetGroups: [{ LoadBalancerArns: ["lb"] }] },
    DescribeListeners: {
      Listeners: [
        { Port: 80, DefaultActions: [{ Type: "forward", TargetGroupArn: "other" }] },
        { Port: 8443, DefaultActions: [{ Type: "forward", TargetGroupArn: "tg" }] },
      ],
    },
  });
  const orphan = await find("aws:autoscaling/group:Group", clients, { name: "web-1-1-0-4f2a81c" });
  expect(orphan).toMatchObject({
    what: "Auto Scaling group web-1-1-0-4f2a81c with 2 machines",
    keep: false,
  });
  await orphan!.remove();
  expect(calls.at(-1)).toEqual([
    "DeleteAutoScalingGroup",
    { AutoScalingGroupName: "web-1-1-0-4f2a81c", ForceDelete: true },
  ]);
});

test("a group that users are on is kept", async () => {
  const { clients } = clientsWith({
    DescribeAutoScalingGroups: { AutoScalingGroups: [{ Instances: [{}], TargetGroupARNs: ["tg"] }] },
    DescribeTargetGroups: { TargetGroups: [{ LoadBalancerArns: ["lb"] }] },
    DescribeListeners: {
      Listeners: [{ Port: 443, DefaultActions: [{ Type: "forward", TargetGroupArn: "tg" }] }],
    },
  });
  expect(await find("aws:autoscaling/group:Group", clients, { name: "web" })).toMatchObject({ keep: true });
});

test("a target group that a listener names is kept; one that none names is not", async () => {
  const group = (LoadBalancerArns: string[]) =>
    clientsWith({ DescribeTargetGroups: { TargetGroups: [{ TargetGroupArn: "tg", LoadBalancerArns }] } })
      .clients;
  const type = "aws:lb/targetGroup:TargetGroup";
  expect(await find(type, group(["lb"]), { name: "web" })).toMatchObject({ id: "tg", keep: true });
  expect(await find(type, group([]), { name: "web" })).toMatchObject({ keep: false });
});

test("a listener of an interrupted first update makes way for the next; somebody else's is left", async () => {
  const tagged = (environment?: string) =>
    clientsWith({
      DescribeListeners: { Listeners: [{ Port: 80, ListenerArn: "eighty" }] },
      DescribeTags: {
        TagDescriptions: [{ Tags: environment ? [{ Key: "retrofit:environment", Value: environment }] : [] }],
      },
    });
  const type = "aws:lb/listener:Listener";
  const inputs = { loadBalancerArn: "lb", port: 80, tagsAll: { "retrofit:environment": "dev" } };
  const ours = tagged("dev");
  const orphan = await find(type, ours.clients, inputs);
  expect(orphan).toMatchObject({ id: "eighty", keep: false });
  await orphan!.remove();
  expect(ours.calls.at(-1)).toEqual(["DeleteListener", { ListenerArn: "eighty" }]);
  expect(await find(type, tagged("prod").clients, inputs)).toMatchObject({ keep: true });
  expect(await find(type, tagged().clients, inputs)).toMatchObject({ keep: true });
  expect(await find(type, ours.clients, { ...inputs, port: 443 })).toBeUndefined();
});

test("the state keeps its resources and has nothing pending any more", () => {
  const known = { urn: "urn:a", type: "aws:ec2/vpc:Vpc", id: "vpc-1" };
  const pending = { resource: { urn: "urn:b", type: "aws:lb/listener:Listener" }, type: "creating" };
  const deployment = { manifest: { time: "now" }, resources: [known, { urn: "urn:c" }] };
  const state = { version: 3, deployment: { ...deployment, pending_operations: [pending] } };
  expect(pendingOperations(state)).toEqual([pending]);
  expect(knownIds(state)).toEqual(new Set(["vpc-1"]));
  expect(settled(state)).toEqual({ version: 3, deployment: { ...deployment, pending_operations: [] } });
  expect(pendingOperations({ version: 3, deployment: null })).toEqual([]);
});
