/** Whether an environment is what its file says, in AWS, in the state and for its users. */
import { readFileSync } from "node:fs";
import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeLaunchTemplatesCommand } from "@aws-sdk/client-ec2";
import {
  DescribeListenersCommand,
  DescribeTargetGroupsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { servingGroups, weightsOf } from "../../components/web-tier/traffic";
import { ENVIRONMENT, lastLines, type World } from "./world";

interface State {
  deployment: {
    resources: { id?: string; type: string; outputs?: Record<string, unknown> }[];
    pending_operations?: unknown[];
  };
}

/** What is wrong, in sentences; empty when the environment is in a declared state. */
export async function problemsOf(world: World): Promise<string[]> {
  const [status, state] = [await world.succeed(["status", ENVIRONMENT]), await exported(world)];
  return [
    ...rolesDiffer(world, status.json),
    ...(await strangers(world, state)),
    ...((state.deployment.pending_operations ?? []).length > 0 ? ["the state has pending operations"] : []),
    ...(world.hasBackup() ? ["the backup of the file was left behind"] : []),
    ...(await wouldChange(world)),
  ];
}

/** File, outputs and live weights name the same release. */
function rolesDiffer(world: World, status: Record<string, unknown>): string[] {
  const { live, standby } = world.declared();
  const weights = status.weights as Record<string, number>;
  const told = {
    live: (status.live as { version: string } | null)?.version,
    standby: (status.standby as { version: string } | null)?.version,
  };
  const problems: string[] = [];
  if (told.live !== live || told.standby !== standby) {
    problems.push(`the file says ${live}/${standby}, the outputs say ${told.live}/${told.standby}`);
  }
  if (weights?.[live] !== 100) problems.push(`${live} is live with weights ${JSON.stringify(weights)}`);
  const fleets = Object.keys(weights ?? {})
    .sort()
    .join();
  const wanted = [live, standby].filter(Boolean).sort().join();
  if (fleets !== wanted) problems.push(`fleets are ${fleets}, declared are ${wanted}`);
  return problems;
}

/** What is in AWS and in no state, and whether users are on a group that the state does not know. */
async function strangers(world: World, state: State): Promise<string[]> {
  const { autoScaling, ec2, elb } = world.clients;
  const known = new Set(state.deployment.resources.map(({ id }) => id));
  const [groups, templates, targets, listeners] = await Promise.all([
    autoScaling.send(new DescribeAutoScalingGroupsCommand({})),
    ec2.send(new DescribeLaunchTemplatesCommand({})),
    elb.send(new DescribeTargetGroupsCommand({})),
    elb.send(new DescribeListenersCommand({ ListenerArns: [world.listenerArn] })),
  ]);
  const found: [string, string | undefined][] = [
    ...(groups.AutoScalingGroups ?? [])
      .filter(({ Status }) => Status === undefined)
      .map((group) => ["Auto Scaling group", group.AutoScalingGroupName] as [string, string | undefined]),
    ...(templates.LaunchTemplates ?? []).map(
      (template) => ["launch template", template.LaunchTemplateId] as [string, string | undefined],
    ),
    ...(targets.TargetGroups ?? []).map(
      (group) => ["target group", group.TargetGroupArn] as [string, string | undefined],
    ),
    ...servingGroups(weightsOf(listeners.Listeners?.[0]?.DefaultActions ?? [])).map(
      (arn) => ["serving target group", arn] as [string, string | undefined],
    ),
  ];
  return found.filter(([, id]) => !known.has(id)).map(([what, id]) => `orphan ${what} ${id}`);
}

async function wouldChange(world: World): Promise<string[]> {
  const { exitCode, output } = await world.pulumi(["preview", "--expect-no-changes", "--diff"]);
  return exitCode === 0 ? [] : [`a second update would change something: ${lastLines(output, 25)}`];
}

export async function exported(world: World): Promise<State> {
  const path = `${world.project}/exported.json`;
  await world.pulumi(["stack", "export", "--file", path]);
  return JSON.parse(readFileSync(path, "utf8")) as State;
}
