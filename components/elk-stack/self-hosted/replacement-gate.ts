/** One node after the other: none is replaced while the store misses a copy of anything. */
import {
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
} from "@aws-sdk/client-auto-scaling";
import { SSMClient } from "@aws-sdk/client-ssm";
import * as pulumi from "@pulumi/pulumi";
import { describeFailure, type RunCommandClients, runOnMachine } from "../../machine";
import { type Clock, systemClock } from "../../shared/clock";
import { resolved } from "../../shared/outputs";

/** On machines, disks and groups of a store; its value is the store's id. */
export const STORE_TAG = "retrofit:log-store";

export interface GateClients extends RunCommandClients {
  readonly autoScaling: Pick<AutoScalingClient, "send">;
}

/** A new node installs itself, gets its disk and then its shards: half an hour is much for it. */
const WAIT_SECONDS = 45 * 60;
const LOOK_SECONDS = 15;
const UNFINISHED = new Set(["Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"]);

/**
 * Runs before a node's group is changed, which replaces its machine. Groups change one after another, so each finds the
 * replacement that the one before has begun, and waits for its end. When it does not come the update stops: this node and
 * those after it stay as they are, and the next update asks again.
 */
export function replacementGate(
  name: string,
  place: pulumi.Output<{ id: string; region: string }>,
): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`${name}-green`, async () => {
    const { id, region } = await resolved(place);
    const clients = { autoScaling: new AutoScalingClient({ region }), ssm: new SSMClient({ region }) };
    await untilGreen(clients, id, (line) => pulumi.log.info(line));
  });
}

/** @throws Error saying what is missing, when the store is not whole in time. */
export async function untilGreen(
  clients: GateClients,
  id: string,
  report: (line: string) => void,
  clock: Clock = systemClock,
): Promise<void> {
  const until = clock.now() + WAIT_SECONDS;
  let told = "";
  for (;;) {
    const missing = await whatIsMissing(clients, id, report, clock);
    if (missing === undefined) return;
    if (clock.now() >= until) {
      throw new Error(
        `The log store ${id} is not whole: ${missing}. No further node is replaced. Run the update again when it is, or set replaceNodes to "always" if only another configuration brings it back.`,
      );
    }
    if (missing !== told) report(`${id}: ${missing}`);
    told = missing;
    await clock.sleep(LOOK_SECONDS);
  }
}

async function whatIsMissing(
  clients: GateClients,
  id: string,
  report: (line: string) => void,
  clock: Clock,
): Promise<string | undefined> {
  const groups = await groupsOf(clients, id);
  for (const group of groups) {
    if (await isBeingReplaced(clients, group)) return `${group.AutoScalingGroupName} is being replaced`;
  }
  const machines = groups.map(machineOf);
  const without = groups[machines.indexOf(undefined)];
  if (without) return `${without.AutoScalingGroupName} has no machine in service`;
  const [machine] = machines;
  if (machine === undefined) return "it has no machines";
  const result = await runOnMachine(
    clients,
    machine,
    {
      commands: [`"$RETROFIT_ROOT"/usr/local/lib/retrofit/retrofit-log-store health ${machines.length}`],
      comment: `health of the log store ${id}`,
      timeoutSeconds: 60,
    },
    report,
    clock,
  );
  return result.status === "Success" ? undefined : `looking at its health ${describeFailure(result)}`;
}

async function groupsOf({ autoScaling }: GateClients, id: string): Promise<AutoScalingGroup[]> {
  const found: AutoScalingGroup[] = [];
  let NextToken: string | undefined;
  do {
    const Filters = [{ Name: `tag:${STORE_TAG}`, Values: [id] }];
    const page = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ Filters, NextToken }));
    found.push(...(page.AutoScalingGroups ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return found.sort((a, b) => (a.AutoScalingGroupName! < b.AutoScalingGroupName! ? -1 : 1));
}

const machineOf = ({ Instances = [] }: AutoScalingGroup): string | undefined =>
  Instances.find(({ LifecycleState }) => LifecycleState === "InService")?.InstanceId;

async function isBeingReplaced({ autoScaling }: GateClients, group: AutoScalingGroup): Promise<boolean> {
  const answer = await autoScaling.send(
    new DescribeInstanceRefreshesCommand({
      AutoScalingGroupName: group.AutoScalingGroupName!,
      MaxRecords: 1,
    }),
  );
  const [newest] = answer.InstanceRefreshes ?? [];
  return newest !== undefined && UNFINISHED.has(newest.Status ?? "");
}
