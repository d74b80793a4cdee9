import * as pulumi from "@pulumi/pulumi";
import { resolved } from "../shared/outputs";
import type { AutoscalingWebTierArgs } from "./args";
import type { Clock, SwapSettings, TrafficClients } from "./traffic";
import type { Weights } from "./traffic/weights";

export const SHIFT_DEFAULTS = {
  steps: [10, 50, 100],
  waitSeconds: 60,
  healthyPolls: 3,
  pollSeconds: 5,
  healthTimeoutSeconds: 900,
  maxErrorPercent: 1,
  minRequests: 20,
  alarms: [],
} as const;

/**
 * The hook that every gate sits on. It runs before the engine changes the production listener, the one edge
 * that can hurt users; when it throws, the provider is not called, nothing is deleted, and the difference is still
 * there for the next update. An `after` hook would not do: the engine has committed the resource by then.
 */
export function swapHook(
  name: string,
  args: AutoscalingWebTierArgs,
  around: {
    readonly testUrl: pulumi.Output<string>;
    readonly region: pulumi.Output<string>;
    /** The listener as this update found it when it began. */
    readonly found: pulumi.Output<{ readonly arn: string; readonly moves: string } | undefined>;
  },
  owner: pulumi.Resource,
): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`${name}-gates`, async (hook) => {
    // Loaded here: a preview, and an update that moves nothing, should not pay for the AWS SDK.
    const { freePort, runSwap, trafficClients } = await import("./traffic");
    const clients = await trafficClients(await resolved(around.region));
    const found = await resolved(around.found);
    const request = {
      listenerArn: hook.id || undefined,
      wanted: wantedWeights(hook.newInputs),
      testUrl: await resolved(around.testUrl),
      ...optional("declaredBefore", hook.oldInputs && wantedWeights(hook.oldInputs)),
      ...optional("moves", found?.arn === hook.id ? found?.moves : undefined),
    };
    // Attached to the tier, since a message about the listener would wait for the very update that is held here.
    const report = withoutRepeats((line) => void pulumi.log.info(line, owner));
    await interruptible(async (clock) => {
      await restoreBounds(clients, request.wanted, args, clock);
      const swap = (formerly: readonly string[]) =>
        runSwap(clients, { ...request, formerly }, swapSettings(args), report, { clock });
      const traffic = { clients, listenerArn: request.listenerArn, report, clock };
      // Without a live release there is nothing that a gate of the release could stand before.
      if (args.releaseGate && args.live) await args.releaseGate.aroundSwap(traffic, swap);
      else await swap([]);
      await freePort(clients, { id: hook.id, before: hook.oldInputs, after: hook.newInputs }, report);
    });
  });
}

/** A fleet that was a small standby gets the bounds of a serving one before any gate counts its machines. */
async function restoreBounds(
  clients: TrafficClients,
  wanted: Weights,
  args: AutoscalingWebTierArgs,
  clock: Clock,
): Promise<void> {
  if (args.standbyMachines === undefined) return;
  const { prepareToServe } = await import("./traffic");
  for (const [arn, weight] of Object.entries(wanted)) {
    if (weight > 0) await prepareToServe(clients, arn, args.capacity, clock);
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs the gates so that a signal ends them in order: the former weights are put back and the update fails. Without
 * it, Ctrl-C in the middle of a shift would end this process and leave part of the traffic on the new fleet.
 */
export async function interruptible(gates: (clock: Clock) => Promise<void>): Promise<void> {
  const { GateError, interruptibleClock } = await import("./traffic");
  const controller = new AbortController();
  let by = "";
  const onSignal = (signal: string) => {
    by = signal;
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    const interruption = () => new GateError("interrupted", `the update was stopped by ${by}.`);
    await gates(interruptibleClock(controller.signal, interruption));
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

/** Seconds after which a line is said again although nothing has changed, so that people see that it goes on. */
const REPEAT_AFTER = 30;

export function withoutRepeats(report: (line: string) => void): (line: string) => void {
  let last = { line: "", at: 0 };
  return (line) => {
    const now = Date.now() / 1000;
    if (line === last.line && now - last.at < REPEAT_AFTER) return;
    last = { line, at: now };
    report(line);
  };
}

export function swapSettings(args: AutoscalingWebTierArgs): SwapSettings {
  return {
    ...SHIFT_DEFAULTS,
    ...Object.fromEntries(Object.entries(args.shift ?? {}).filter(([, value]) => value !== undefined)),
    smoke: args.smoke,
    ...(args.hostname === undefined ? {} : { hostname: args.hostname }),
  };
}

export interface ForwardInputs {
  type?: string;
  targetGroupArn?: string;
  forward?: { targetGroups?: { arn: string; weight?: number }[] };
}

/** Weights that a listener's inputs ask for; none for a fixed response or a redirect. */
export function wantedWeights(inputs: Record<string, unknown> | undefined): Weights {
  return forwardedWeights((inputs?.defaultActions ?? []) as ForwardInputs[]);
}

export function forwardedWeights(actions: readonly ForwardInputs[]): Weights {
  const weights: Record<string, number> = {};
  for (const action of actions) {
    if (action.type !== "forward") continue;
    for (const { arn, weight } of action.forward?.targetGroups ?? []) weights[arn] = weight ?? 1;
    if (!action.forward && action.targetGroupArn) weights[action.targetGroupArn] = 1;
  }
  return weights;
}

function optional<K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: T };
}
