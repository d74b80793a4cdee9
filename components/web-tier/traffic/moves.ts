import { AddTagsCommand, DescribeTagsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { TrafficClients } from "./clients";
import { MOVES_TAG, nextMove } from "./weights";

export async function readMoves(
  clients: Pick<TrafficClients, "elb">,
  listenerArn: string,
): Promise<string | undefined> {
  const answer = await clients.elb.send(new DescribeTagsCommand({ ResourceArns: [listenerArn] }));
  return answer.TagDescriptions?.[0]?.Tags?.find(({ Key }) => Key === MOVES_TAG)?.Value;
}

/** Tells updates that are under way that the traffic is being moved by somebody else. To be called before the move. */
export async function announceMove(clients: Pick<TrafficClients, "elb">, listenerArn: string): Promise<void> {
  const Value = nextMove(await readMoves(clients, listenerArn));
  await clients.elb.send(
    new AddTagsCommand({ ResourceArns: [listenerArn], Tags: [{ Key: MOVES_TAG, Value }] }),
  );
}
