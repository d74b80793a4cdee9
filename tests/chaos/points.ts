/** Where an update is killed, and which command comes next. */
import { readFileSync, writeFileSync } from "node:fs";
import type { ApiCall, Interception } from "./api-proxy";
import { ARTIFACT, ENVIRONMENT, type Running, until, type World, within } from "./world";

export interface Point {
  at: string;
  what: string;
  /** Does it, brings the environment back with a command, and tells in a few words what was found after. */
  run(world: World): Promise<string>;
}

/** The command after a kill: what different people would do next. */
type Next = "release again" | "up, former file" | "up, same file" | "rollback" | "pulumi up, former file";

interface KillPoint {
  at: string;
  what: string;
  next: Next;
  artifact?: string[];
  trigger: Trigger;
}

type Trigger =
  | { call: Interception["stage"]; matches: (call: ApiCall, world: World) => boolean }
  | { line: RegExp };

const operation =
  (name: string, more: (call: ApiCall, world: World) => boolean = () => true) =>
  (call: ApiCall, world: World) =>
    call.operation === name && more(call, world);

const on = (arn: (world: World) => string) => (call: ApiCall, world: World) =>
  call.parameters.get("ListenerArn") === arn(world);
const onTest = on((world) => world.testListenerArn);
const onProduction = on((world) => world.listenerArn);

/** A write of the gates that gives some group this weight. */
const gatesWrite = (weight: number) =>
  operation(
    "ModifyListener",
    (call, world) =>
      call.byGates &&
      onProduction(call, world) &&
      [...call.parameters].some(([key, value]) => key.endsWith(".Weight") && value === String(weight)),
  );

const NEVER_HEALTHY = ["--artifact", "sample/broken/never-healthy"];

const KILLS: KillPoint[] = [
  {
    at: "artifact uploaded",
    what: "before the launch template is made",
    next: "release again",
    trigger: { call: "before", matches: operation("CreateLaunchTemplate") },
  },
  {
    at: "launch template made",
    what: "AWS has it, the state does not",
    next: "up, former file",
    trigger: { call: "after", matches: operation("CreateLaunchTemplate") },
  },
  {
    at: "target group made",
    what: "AWS has it, the state does not",
    next: "release again",
    trigger: { call: "after", matches: operation("CreateTargetGroup") },
  },
  {
    at: "test listener changed",
    what: "AWS has it, the state does not",
    next: "up, former file",
    trigger: { call: "after", matches: operation("ModifyListener", onTest) },
  },
  {
    at: "group made",
    what: "machines boot in a group that no state knows",
    next: "release again",
    trigger: { call: "after", matches: operation("CreateAutoScalingGroup") },
  },
  {
    at: "group made (abort)",
    what: "the same, and the release is given up",
    next: "rollback",
    trigger: { call: "after", matches: operation("CreateAutoScalingGroup") },
  },
  {
    at: "waiting for health",
    what: "in the health gate",
    next: "up, former file",
    trigger: { line: /health: \d/ },
  },
  {
    at: "before the first share",
    what: "all gates passed, nothing moved",
    next: "rollback",
    trigger: { call: "before", matches: gatesWrite(10) },
  },
  {
    at: "at 10 %",
    what: "written, unknown to the gates",
    next: "up, former file",
    trigger: { call: "after", matches: gatesWrite(10) },
  },
  {
    at: "watching 10 %",
    what: "in mid-shift",
    next: "release again",
    trigger: { line: /shift: \d+ requests on the new fleet/ },
  },
  {
    at: "at 50 %",
    what: "half and half",
    next: "rollback",
    trigger: { call: "after", matches: gatesWrite(50) },
  },
  {
    at: "at 50 % (plain pulumi)",
    what: "half and half, then pulumi cancel and pulumi up",
    next: "pulumi up, former file",
    trigger: { call: "after", matches: gatesWrite(50) },
  },
  {
    at: "at 100 %",
    what: "the gates have moved everything, the state knows nothing",
    next: "release again",
    trigger: {
      call: "after",
      matches: (call, world) => gatesWrite(100)(call, world),
    },
  },
  {
    at: "listener written",
    what: "by the engine, whose state does not have it",
    next: "rollback",
    trigger: {
      call: "after",
      matches: operation("ModifyListener", (call, world) => !call.byGates && onProduction(call, world)),
    },
  },
  {
    at: "scaling policy made",
    what: "after the listener, before the deletes",
    next: "release again",
    trigger: { call: "after", matches: operation("PutScalingPolicy") },
  },
  {
    at: "before the deletes",
    what: "the former standby is still whole",
    next: "up, same file",
    trigger: { call: "before", matches: operation("DeleteAutoScalingGroup") },
  },
  {
    at: "old group deleted",
    what: "AWS has deleted it, the state still has it",
    next: "release again",
    trigger: { call: "after", matches: operation("DeleteAutoScalingGroup") },
  },
  {
    at: "old target group deleted",
    what: "the last pieces of the former standby",
    next: "rollback",
    trigger: { call: "after", matches: operation("DeleteTargetGroup") },
  },
  {
    at: "putting back",
    what: "in the command's own put-back after a refusal",
    next: "up, former file",
    artifact: NEVER_HEALTHY,
    trigger: { line: /Putting dev back/ },
  },
];

export const killPoints: Point[] = KILLS.map((kill) => ({
  at: kill.at,
  what: kill.what,
  run: (world) => killed(world, kill),
}));

async function killed(world: World, kill: KillPoint): Promise<string> {
  const before = world.declared();
  const file = readFileSync(world.file);
  const version = world.nextVersion();
  const release = ["release", ENVIRONMENT, version, ...(kill.artifact ?? ARTIFACT)];
  await killAt(world, world.start(release), kill.trigger);

  const next = nextCommand(world, kill, { release, file });
  await within(500, "the next command", next);
  const after = world.declared();
  const kept = after.live === before.live ? "as before" : "the new release";
  return `${kill.next}: ${after.live} live (${kept})`;
}

async function nextCommand(
  world: World,
  { next }: KillPoint,
  { release, file }: { release: string[]; file: Buffer },
): Promise<unknown> {
  if (next === "rollback") return world.succeed(["rollback", ENVIRONMENT]);
  if (next === "release again") return world.succeed(release);
  if (next === "up, same file") return world.succeed(["up", ENVIRONMENT]);
  writeFileSync(world.file, file);
  if (next === "up, former file") return world.succeed(["up", ENVIRONMENT]);
  await world.pulumi(["cancel", "--yes"]);
  const up = await world.pulumi(["up", "--yes", "--skip-preview"]);
  if (up.exitCode !== 0) throw new Error(`pulumi up ended with ${up.exitCode}: ${up.output.slice(-2000)}`);
  // Plain Pulumi knows nothing of the backup; the next command of ours would find that the file was put back.
  return world.succeed(["recover", ENVIRONMENT]);
}

/** SIGKILL for every process of the command at the very moment. */
export async function killAt(world: World, running: Running, trigger: Trigger): Promise<void> {
  let struck = false;
  if ("call" in trigger) {
    const { call: stage, matches } = trigger;
    world.proxy.intercept({
      stage,
      matches: (call) => matches(call, world),
      strike: () => {
        struck = true;
      },
    });
  }
  try {
    await until("the point was reached", () => {
      if ("line" in trigger) struck ||= trigger.line.test(running.output());
      if (!struck && running.child.exitCode !== null) {
        throw new Error(`the command ended before the point was reached: ${running.output().slice(-1500)}`);
      }
      return struck;
    });
  } finally {
    world.proxy.intercept(undefined);
    await world.kill(running);
  }
}
