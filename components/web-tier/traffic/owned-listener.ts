import type { Clock, TrafficClients } from "./clients";
import { GateError } from "./gate-error";
import { readMoves } from "./moves";
import { retrying } from "./retrying";
import { readServing, type Serving, writeActions, writeWeights } from "./serving";
import { describeWeights, sameShares, type Weights } from "./weights";

/**
 * The production listener as one update writes it. Before each write it looks whether the weights are still what was
 * written last; when somebody else has moved them meanwhile, nothing more is written: the later word is theirs.
 */
export class OwnedListener {
  private last: Weights;

  private constructor(
    private readonly clients: Pick<TrafficClients, "elb">,
    readonly arn: string,
    /** What the listener did when this update came to it. */
    readonly before: Serving,
    private readonly moves: string | undefined,
    private readonly clock: Clock,
  ) {
    this.last = before.weights;
  }

  /**
   * @param moves the count of moves when the update began; undefined when it could not be read: then only the weights
   * themselves tell.
   */
  static async open(
    clients: Pick<TrafficClients, "elb">,
    arn: string,
    moves: string | undefined,
    clock: Clock,
  ): Promise<OwnedListener> {
    const before = await retrying(() => readServing(clients, arn), clock);
    return new OwnedListener(clients, arn, before, moves, clock);
  }

  /** @throws GateError `interference` when the weights are not what was written last. */
  async check(): Promise<void> {
    const { weights } = await readServing(this.clients, this.arn);
    if (!sameShares(weights, this.last)) throw interference(describeWeights(weights));
  }

  /** @throws GateError `interference`, without having written. */
  async write(weights: Weights): Promise<void> {
    await this.guarded(weights, () => writeWeights(this.clients, this.arn, weights));
  }

  /** The former actions, to the letter. @throws GateError `interference`, without having written. */
  async putBack(): Promise<void> {
    const { weights, actions } = this.before;
    await this.guarded(weights, () => writeActions(this.clients, this.arn, actions));
  }

  private async guarded(weights: Weights, write: () => Promise<void>): Promise<void> {
    await retrying(async () => {
      const now = (await readServing(this.clients, this.arn)).weights;
      // A write whose answer was lost has been made all the same.
      if (!sameShares(now, this.last) && !sameShares(now, weights)) throw interference(describeWeights(now));
      await this.refuseAnnouncedMove(now);
      await write();
    }, this.clock);
    this.last = weights;
  }

  private async refuseAnnouncedMove(now: Weights): Promise<void> {
    if (this.moves === undefined) return;
    const moves = (await readMoves(this.clients, this.arn)) ?? "";
    if (moves !== this.moves) throw interference(describeWeights(now));
  }
}

function interference(weights: string): GateError {
  return new GateError(
    "interference",
    `somebody else moved the traffic while this update was under way (the weights are now ${weights}).`,
    "The traffic was left as they put it. Make sure that nobody else releases, then run the command again.",
  );
}
