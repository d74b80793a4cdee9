import * as pulumi from "@pulumi/pulumi";
import { type LiveListener, readLiveListener } from "./live-listener";
import { describeWeights, MOVES_TAG, namesSame, nextMove, sameShares, type Weights } from "./traffic/weights";

export interface Declared {
  readonly loadBalancerArn: pulumi.Output<string>;
  /** Port of the production listener. */
  readonly port: number;
  /** Target groups by weight, as this update declares them. */
  readonly weights: pulumi.Output<Weights>;
}

export interface LiveWeights {
  /** Tags for the listener: the count of moves, one more when the traffic is not where it is declared. */
  readonly tags: pulumi.Output<Record<string, string>>;
  /** The listener as this update found it; undefined when it is not there yet, or could not be read. */
  readonly found: pulumi.Output<LiveListener | undefined>;
}

/**
 * Compares who serves with who should. The engine compares a program with its own state and never with AWS, so after
 * a shift that was killed, or weights that were moved by hand, the same declaration would change nothing. A
 * changed tag makes it an update, and with it the gates run and move the traffic. Reading takes two calls,
 * in a preview too; where all agrees the tag keeps its value.
 */
export function compareWithLive(declared: Declared, owner: pulumi.Resource): LiveWeights {
  // Read at once, and not when the new fleet exists: what is moved between the two has been moved by somebody else.
  const live = declared.loadBalancerArn.apply((arn) => readLive(arn, declared.port, owner));
  const tags = pulumi.all([live, declared.weights]).apply(([now, wanted]) => {
    if (!now) return {} as Record<string, string>;
    if (sameShares(now.weights, wanted) && namesSame(now.weights, wanted)) return tagged(now.moves);
    if (pulumi.runtime.isDryRun()) {
      const difference = `${describeWeights(now.weights)} in AWS, ${describeWeights(wanted)} declared`;
      void pulumi.log.info(`traffic: ${difference}: the update will move it`, owner);
    }
    return tagged(nextMove(now.moves));
  });
  return { tags, found: live };
}

function tagged(moves: string): Record<string, string> {
  return moves === "" ? {} : { [MOVES_TAG]: moves };
}

async function readLive(
  loadBalancerArn: string,
  port: number,
  owner: pulumi.Resource,
): Promise<LiveListener | undefined> {
  try {
    return await readLiveListener(loadBalancerArn, port);
  } catch (error) {
    const { name, message } = error as Error;
    void pulumi.log.warn(
      `The listener on port ${port} cannot be read (${name}: ${message}), so traffic that is not where it is declared goes unnoticed.`,
      owner,
    );
    return undefined;
  }
}
