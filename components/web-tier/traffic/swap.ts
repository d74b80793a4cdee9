import { type Clock, type Report, systemClock, type TrafficClients } from "./clients";
import { readFleet } from "./fleet-state";
import { GateError } from "./gate-error";
import { type HealthGateSettings, isTransient, waitForHealthy } from "./health-gate";
import { OwnedListener } from "./owned-listener";
import { type ShiftSettings, shiftTraffic } from "./shift";
import { type Fetch, runSmokeTest, type SmokeCheck } from "./smoke";
import { describeWeights, namesSame, sameShares, servingGroups, shares, type Weights } from "./weights";

export interface SwapSettings extends HealthGateSettings, ShiftSettings {
  readonly smoke: readonly SmokeCheck[];
  /** Host name of the application, sent to the test listener and checked against its certificate. */
  readonly hostname?: string;
}

export interface SwapRequest {
  /** The production listener; undefined while it is being created. */
  readonly listenerArn: string | undefined;
  /** Weights that the update wants to end with. */
  readonly wanted: Weights;
  /** Weights that the last update ended with, by the engine's state; undefined while the listener is being created. */
  readonly declaredBefore?: Weights;
  /** Target groups that served until a maintenance page took the traffic from them. Default: none. */
  readonly formerly?: readonly string[];
  /** Count of moves when the update began (see `MOVES_TAG`); undefined when it could not be read. */
  readonly moves?: string;
  /** `http(s)://host:port` of the test listener, which forwards to the fleet that is to serve. */
  readonly testUrl: string;
}

/**
 * All gates of the one edge that can hurt users: the update of the production listener.
 * Returns when the traffic is where the update wants it, so that the engine's own write changes nothing.
 *
 * @throws GateError with what was seen and where the traffic is.
 */
export async function runSwap(
  clients: TrafficClients,
  request: SwapRequest,
  settings: SwapSettings,
  report: Report,
  effects: { clock?: Clock; fetch?: Fetch } = {},
): Promise<"moved" | "nothing to move"> {
  const clock = effects.clock ?? systemClock;
  const target = soleTarget(request.wanted);
  let serving: string[] = [];
  try {
    const { listenerArn, moves } = request;
    const listener = listenerArn ? await OwnedListener.open(clients, listenerArn, moves, clock) : undefined;
    const current = listener?.before.weights ?? {};
    serving = servingGroups(current);
    if (!target) return refuseToServeNothing(serving);
    if (listener && isThere(current, target)) {
      // Which groups have weight 0 matters too, and where the state has it right the engine writes nothing.
      if (!namesSame(current, request.wanted)) await listener.write(request.wanted);
      return "nothing to move";
    }
    const correction = describeCorrection(current, request);
    if (correction) report(`shift: ${correction}`);
    const needed = () => neededCapacity(clients, [...serving, ...(request.formerly ?? [])], target);
    await waitForHealthy(clients, target, needed, settings, report, clock);
    // Back to where the state says the traffic is: that release has passed its gates, and has part of the traffic.
    const steps = correction && (shares(current)[target] ?? 0) > 0 ? { steps: [100] } : {};
    if (!steps.steps) {
      const host = settings.hostname === undefined ? {} : { hostname: settings.hostname };
      await runSmokeTest(request.testUrl, settings.smoke, host, report, effects.fetch, clock);
    }
    if (listener) {
      const shift = { listener, newGroup: target, wanted: request.wanted, needed, ...steps };
      await shiftTraffic(clients, shift, settings, report, clock);
    }
    return "moved";
  } catch (error) {
    throw explain(error, serving.length > 0 || request.listenerArn !== undefined);
  }
}

function isThere(current: Weights, target: string): boolean {
  return Math.abs((shares(current)[target] ?? 0) - 100) < 0.01;
}

/** Why the traffic is moved although the declaration is the same: it is not where the last update left it. */
function describeCorrection(current: Weights, { wanted, declaredBefore }: SwapRequest): string | undefined {
  if (!declaredBefore || !sameShares(declaredBefore, wanted) || sameShares(current, wanted)) return undefined;
  return `the weights were ${describeWeights(current)}, declared is ${describeWeights(wanted)}: moving back`;
}

function refuseToServeNothing(serving: string[]): "nothing to move" {
  if (serving.length === 0) return "nothing to move";
  throw new GateError(
    "live",
    "the update names no live release, but one is serving: set `retrofit:live`, or take the environment down with `retrofit destroy`.",
  );
}

/** The target group that is to get everything. More than one is nothing that an environment's config can ask for. */
function soleTarget(wanted: Weights): string | undefined {
  const groups = servingGroups(wanted);
  if (groups.length > 1) {
    throw new GateError(
      "live",
      `the update wants to split the traffic over ${groups.length} fleets; one release is live.`,
    );
  }
  return groups[0];
}

/** At least what the serving fleet has now, asked anew each time: it may have grown while the new one was built. */
async function neededCapacity(clients: TrafficClients, serving: string[], target: string): Promise<number> {
  const others = [...new Set(serving)].filter((arn) => arn !== target);
  const fleets = await Promise.all([...others, target].map((arn) => readFleet(clients, arn)));
  const own = fleets.pop();
  return Math.max(own?.min ?? 1, 1, ...fleets.map((fleet) => fleet?.desired ?? 0));
}

function explain(error: unknown, mayServe: boolean): unknown {
  const where = mayServe
    ? "The traffic is where it was, on the fleet that served before."
    : "No release serves yet.";
  // A shift that could not put the traffic back has said so itself.
  if (error instanceof GateError) return error.traffic ? error : error.withTraffic(where);
  if (isTransient(error))
    return new GateError("health", `AWS did not answer: ${(error as Error).message}.`, where);
  return error;
}
