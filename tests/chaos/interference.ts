/** What others do while a release is under way. */

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { DescribeAutoScalingGroupsCommand, SetDesiredCapacityCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeListenersCommand, ModifyListenerCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { injectFault } from "../../sandbox";
import type { Point } from "./points";
import {
  ARTIFACT,
  ENVIRONMENT,
  lastLines,
  OTHER_ARTIFACT,
  type Running,
  until,
  type World,
  within,
} from "./world";

export const interference: Point[] = [
  { at: "weights moved by hand", what: "at 10 %, to 70/30", run: movedByHand },
  { at: "concurrent release", what: "a second release in mid-shift", run: concurrentRelease },
  { at: "autoscaling", what: "the serving fleet grows in mid-shift", run: autoscaling },
  { at: "machine dies", what: "one of the new fleet's, in mid-shift", run: machineDies },
  { at: "emulator restarts", what: "the AWS API is killed in mid-shift", run: emulatorRestarts },
  { at: "AWS unreachable", what: "for 30 s in mid-shift", run: unreachable },
  {
    at: "rollback while hanging",
    what: "the release is stopped (SIGSTOP) in mid-shift",
    run: rollbackWhileHanging,
  },
];

function begin(world: World, artifact = ARTIFACT): { running: Running; version: string; live: string } {
  const { live } = world.declared();
  const version = world.nextVersion();
  return { running: world.start(["release", ENVIRONMENT, version, ...artifact]), version, live };
}

async function reaches(running: Running, line: RegExp): Promise<void> {
  await until(`the release says ${line}`, () => {
    if (running.child.exitCode !== null) throw new Error(`it ended: ${lastLines(running.output())}`);
    return line.test(running.output());
  });
}

const MID_SHIFT = /shift: 10 % of the traffic/;

function expect(holds: boolean, what: string, running?: { output: string }): void {
  if (!holds) throw new Error(`${what}${running ? `: ${lastLines(running.output)}` : ""}`);
}

async function movedByHand(world: World): Promise<string> {
  const { running, live } = begin(world);
  await reaches(running, MID_SHIFT);
  await setWeights(world, [70, 30]);
  const refused = await within(400, "the release", running.ended);
  expect(refused.exitCode === 3 && refused.json.gate === "interference", "it was not stopped", refused);
  const weights = await weightsNow(world);
  expect(weights.join() === "70,30", `the hand-made weights were written over: ${weights}`);
  await world.succeed(["up", ENVIRONMENT]);
  expect(world.declared().live === live, "up did not go back to what the file says");
  return `stopped, weights left at 70/30; up: ${live} live (as before)`;
}

async function concurrentRelease(world: World): Promise<string> {
  const { running, version } = begin(world);
  await reaches(running, MID_SHIFT);
  const file = readFileSync(world.file);
  const second = await within(
    60,
    "the second release",
    world.start(["release", ENVIRONMENT, world.nextVersion(), ...ARTIFACT]).ended,
  );
  expect(second.exitCode === 1 && second.json.locked === true, "the second was not refused", second);
  expect(readFileSync(world.file).equals(file), "the second touched the file");
  const first = await within(400, "the first release", running.ended);
  expect(first.exitCode === 0, "the first did not complete", first);
  return `second refused (locked), first completed: ${version} live`;
}

async function autoscaling(world: World): Promise<string> {
  const { running, version, live } = begin(world);
  await reaches(running, MID_SHIFT);
  await resize(world, live, 3);
  const ended = await within(400, "the release", running.ended);
  expect(ended.exitCode === 0, "the release did not complete", ended);
  const machines = (await groupOf(world, version)).DesiredCapacity ?? 0;
  expect(machines >= 3, `the new fleet has ${machines} machines, the serving one had 3`);
  return `new fleet followed to ${machines} machines: ${version} live`;
}

async function machineDies(world: World): Promise<string> {
  const { running, version, live } = begin(world);
  await reaches(running, MID_SHIFT);
  const victim = (await groupOf(world, version)).Instances?.[0]?.InstanceId ?? "";
  await injectFault({ kind: "killMachine", instanceId: victim });
  const ended = await within(400, "the release", running.ended);
  expect(
    ended.exitCode === 0 || ended.exitCode === 3,
    "the release neither completed nor was turned away",
    ended,
  );
  return ended.exitCode === 0 ? `completed: ${version} live` : `turned away: ${live} live (as before)`;
}

async function emulatorRestarts(world: World): Promise<string> {
  const { running, version } = begin(world);
  await reaches(running, MID_SHIFT);
  await injectFault({ kind: "restartEmulator" });
  const ended = await within(400, "the release", running.ended);
  expect(ended.exitCode === 0, "the release did not complete", ended);
  return `completed: ${version} live`;
}

async function unreachable(world: World): Promise<string> {
  const { running, version } = begin(world);
  await reaches(running, MID_SHIFT);
  world.proxy.goDown(30);
  const ended = await within(400, "the release", running.ended);
  expect(ended.exitCode === 0, "the release did not complete", ended);
  return `completed: ${version} live`;
}

/** The traffic is back within seconds, although whoever works on the stack answers nobody; what follows completes it. */
export async function rollbackWhileHanging(world: World): Promise<string> {
  const begun = Date.now();
  const { running, live } = begin(world, OTHER_ARTIFACT.option);
  const answers = (since: number) =>
    world.load.samples.filter(
      ({ version, sentAt }) => version === OTHER_ARTIFACT.answersAs && sentAt >= since,
    );
  // Users are on it by now, so that there is something to take back.
  await until("the new fleet answers users", () => answers(begun).length >= 10);
  world.pause(running, "SIGSTOP");
  const asked = Date.now();
  const rollback = await within(120, "the rollback", world.start(["rollback", ENVIRONMENT]).ended);
  expect(
    rollback.exitCode === 1 && rollback.json.reconciled === false,
    "the rollback did not tell of the lock",
    rollback,
  );
  await sleep(2000);
  const late = answers(asked);
  expect(late.length > 0, "the new fleet had no traffic to take back");
  const back = late.reduce((last, { sentAt, milliseconds }) => Math.max(last, sentAt + milliseconds), asked);
  const seconds = (back - asked) / 1000;
  // About 4 s on a quiet machine, most of it the start of the command; a busy one may take several times as long.
  expect(seconds <= 30, `the traffic was back after ${seconds} s only`);
  // Awake again, the release sees that the traffic is not its own any more and leaves it where it is.
  world.pause(running, "SIGCONT");
  const ended = await within(400, "the release", running.ended);
  expect(ended.exitCode !== 0, "the release moved the traffic again", ended);
  await world.succeed(["up", ENVIRONMENT]);
  expect(world.declared().live === live, "the file does not say so");
  return `traffic back after ${seconds.toFixed(1)} s; release then refused; up: ${live} live (as before)`;
}

async function setWeights(world: World, weights: number[]): Promise<void> {
  const actions = await actionsNow(world);
  const groups = actions[0]?.ForwardConfig?.TargetGroups ?? [];
  const serving = groups.filter(({ Weight }) => (Weight ?? 0) > 0);
  const TargetGroups = groups.map((group) => ({ ...group, Weight: weights[serving.indexOf(group)] ?? 0 }));
  await world.clients.elb.send(
    new ModifyListenerCommand({
      ListenerArn: world.listenerArn,
      DefaultActions: [{ Type: "forward", ForwardConfig: { TargetGroups } }],
    }),
  );
}

async function weightsNow(world: World): Promise<number[]> {
  const groups = (await actionsNow(world))[0]?.ForwardConfig?.TargetGroups ?? [];
  return groups.map(({ Weight = 0 }) => Weight).filter((weight) => weight > 0);
}

async function actionsNow(world: World) {
  const answer = await world.clients.elb.send(
    new DescribeListenersCommand({ ListenerArns: [world.listenerArn] }),
  );
  return answer.Listeners?.[0]?.DefaultActions ?? [];
}

async function groupOf(world: World, version: string) {
  const { AutoScalingGroups = [] } = await world.clients.autoScaling.send(
    new DescribeAutoScalingGroupsCommand({}),
  );
  const found = AutoScalingGroups.find(({ Tags = [] }) =>
    Tags.some(({ Key, Value }) => Key === "retrofit:release" && Value === version),
  );
  if (!found) throw new Error(`there is no group of ${version}`);
  return found;
}

async function resize(world: World, version: string, DesiredCapacity: number): Promise<void> {
  const { AutoScalingGroupName } = await groupOf(world, version);
  await world.clients.autoScaling.send(
    new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity }),
  );
}
