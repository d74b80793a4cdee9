import {
  type AutoScalingClient,
  DeleteAutoScalingGroupCommand,
  DeletePolicyCommand,
  DescribeAutoScalingGroupsCommand,
  DescribePoliciesCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  type CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  DeleteLaunchTemplateCommand,
  DescribeLaunchTemplatesCommand,
  type EC2Client,
} from "@aws-sdk/client-ec2";
import {
  DeleteListenerCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { servingGroups, weightsOf } from "../../components/web-tier/traffic";

export interface RecoveryClients {
  autoScaling: Pick<AutoScalingClient, "send">;
  cloudWatch: Pick<CloudWatchClient, "send">;
  ec2: Pick<EC2Client, "send">;
  elb: Pick<ElasticLoadBalancingV2Client, "send">;
}

/** Something that exists in AWS and is in no state. */
export interface Orphan {
  /** For people: `Auto Scaling group web-1-1-0-4f2a81c with 2 machines`. */
  what: string;
  /** What the engine calls it. */
  id: string;
  /** Users are on it, or it is somebody else's: it is told and never deleted. */
  keep: boolean;
  remove(): Promise<void>;
}

const ENVIRONMENT_TAG = "retrofit:environment";

type Inputs = Record<string, unknown>;
type Finder = (clients: RecoveryClients, inputs: Inputs) => Promise<Orphan | undefined>;

/**
 * How to find what an interrupted create may have left, by the name that the engine had chosen for it: names end in
 * random letters, so nothing else has the same one.
 */
export const FINDERS: Readonly<Record<string, Finder>> = {
  "aws:ec2/launchTemplate:LaunchTemplate": findLaunchTemplate,
  "aws:lb/targetGroup:TargetGroup": findTargetGroup,
  "aws:autoscaling/group:Group": findGroup,
  "aws:autoscaling/policy:Policy": findPolicy,
  "aws:cloudwatch/metricAlarm:MetricAlarm": findAlarm,
  "aws:lb/listener:Listener": findListener,
};

/** Creating these again changes what is there, or replaces it by the same: an interrupted create leaves nothing over. */
export const REPEATABLE: ReadonlySet<string> = new Set([
  "aws:autoscaling/schedule:Schedule",
  "aws:s3/bucketObject:BucketObject",
  "aws:s3/bucketObjectv2:BucketObjectv2",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:ssm/parameter:Parameter",
]);

async function findLaunchTemplate({ ec2 }: RecoveryClients, { name }: Inputs): Promise<Orphan | undefined> {
  const answer = await existing(
    ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [String(name)] })),
  );
  const id = answer?.LaunchTemplates?.[0]?.LaunchTemplateId;
  if (!id) return undefined;
  const remove = async () => void (await ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id })));
  return { what: `launch template ${name}`, id, keep: false, remove };
}

async function findTargetGroup({ elb }: RecoveryClients, { name }: Inputs): Promise<Orphan | undefined> {
  const answer = await existing(elb.send(new DescribeTargetGroupsCommand({ Names: [String(name)] })));
  const group = answer?.TargetGroups?.[0];
  const id = group?.TargetGroupArn;
  if (!id) return undefined;
  const remove = async () => void (await elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: id })));
  // One that a listener names, even with weight 0, was put there by somebody.
  return { what: `target group ${name}`, id, keep: (group.LoadBalancerArns ?? []).length > 0, remove };
}

async function findGroup(clients: RecoveryClients, { name }: Inputs): Promise<Orphan | undefined> {
  const { autoScaling } = clients;
  const AutoScalingGroupName = String(name);
  const answer = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] }),
  );
  const group = answer.AutoScalingGroups?.[0];
  if (!group) return undefined;
  const remove = async () =>
    void (await autoScaling.send(
      new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true }),
    ));
  return {
    what: `Auto Scaling group ${name} with ${group.Instances?.length ?? 0} machines`,
    id: AutoScalingGroupName,
    keep: await anyServes(clients, group.TargetGroupARNs ?? []),
    remove,
  };
}

async function findPolicy(
  { autoScaling }: RecoveryClients,
  { name, autoscalingGroupName }: Inputs,
): Promise<Orphan | undefined> {
  const at = { AutoScalingGroupName: String(autoscalingGroupName), PolicyNames: [String(name)] };
  const answer = await existing(autoScaling.send(new DescribePoliciesCommand(at)));
  if (!answer?.ScalingPolicies?.[0]) return undefined;
  const remove = async () =>
    void (await autoScaling.send(
      new DeletePolicyCommand({
        AutoScalingGroupName: at.AutoScalingGroupName,
        PolicyName: String(name),
      }),
    ));
  return { what: `scaling policy ${name}`, id: String(name), keep: false, remove };
}

async function findAlarm({ cloudWatch }: RecoveryClients, { name }: Inputs): Promise<Orphan | undefined> {
  const answer = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [String(name)] }));
  if (!answer.MetricAlarms?.[0]) return undefined;
  const remove = async () =>
    void (await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [String(name)] })));
  return { what: `alarm ${name}`, id: String(name), keep: false, remove };
}

/**
 * A port has one listener, so a second cannot be made beside it. One whose create was interrupted belongs to a load
 * balancer that nobody was told of yet; one without the tags of that create is somebody else's.
 */
async function findListener(
  { elb }: RecoveryClients,
  { loadBalancerArn, port, tagsAll }: Inputs,
): Promise<Orphan | undefined> {
  const answer = await existing(
    elb.send(new DescribeListenersCommand({ LoadBalancerArn: String(loadBalancerArn) })),
  );
  const id = answer?.Listeners?.find((listener) => listener.Port === Number(port))?.ListenerArn;
  if (!id) return undefined;
  const { TagDescriptions } = await elb.send(new DescribeTagsCommand({ ResourceArns: [id] }));
  const found = new Map(TagDescriptions?.[0]?.Tags?.map(({ Key, Value }) => [Key, Value]));
  const environment = (tagsAll as Record<string, string> | undefined)?.[ENVIRONMENT_TAG];
  const remove = async () => void (await elb.send(new DeleteListenerCommand({ ListenerArn: id })));
  const ours =
    found.has(ENVIRONMENT_TAG) && (environment ?? found.get(ENVIRONMENT_TAG)) === found.get(ENVIRONMENT_TAG);
  return { what: `listener on port ${port}`, id, keep: !ours, remove };
}

async function anyServes({ elb }: RecoveryClients, targetGroupArns: readonly string[]): Promise<boolean> {
  if (targetGroupArns.length === 0) return false;
  const groups = await existing(
    elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [...targetGroupArns] })),
  );
  const balancers = new Set((groups?.TargetGroups ?? []).flatMap((group) => group.LoadBalancerArns ?? []));
  for (const LoadBalancerArn of balancers) {
    const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
    const serving = Listeners.filter(({ Port }) => Port === 80 || Port === 443).flatMap((listener) =>
      servingGroups(weightsOf(listener.DefaultActions ?? [])),
    );
    if (targetGroupArns.some((arn) => serving.includes(arn))) return true;
  }
  return false;
}

/** AWS answers a question about what does not exist with an error. */
async function existing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const { name, message } = error as Error;
    if (/NotFound|not found|does not exist/i.test(`${name} ${message}`)) return undefined;
    throw error;
  }
}
