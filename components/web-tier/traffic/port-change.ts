import { DeleteListenerCommand, DescribeListenersCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Report, TrafficClients } from "./clients";

interface PortChange {
  /** ARN of the listener that is about to be changed; empty while it is being created. */
  readonly id: string;
  readonly before?: Record<string, unknown>;
  readonly after?: Record<string, unknown>;
}

/**
 * Makes way for a listener that moves to another port: back from 443 to 80 a redirect stands there, and the engine
 * deletes it only at the end. Nothing but a redirect is ever taken away.
 */
export async function freePort(
  clients: Pick<TrafficClients, "elb">,
  { id, before, after }: PortChange,
  report: Report,
): Promise<void> {
  const port = Number(after?.port);
  if (!id || !before || Number(before.port) === port) return;
  const answer = await clients.elb.send(
    new DescribeListenersCommand({ LoadBalancerArn: String(after?.loadBalancerArn) }),
  );
  const inTheWay = (answer.Listeners ?? []).find(
    ({ ListenerArn, Port, DefaultActions = [] }) =>
      ListenerArn !== id && Port === port && DefaultActions.every(({ Type }) => Type === "redirect"),
  );
  if (!inTheWay) return;
  await clients.elb.send(new DeleteListenerCommand({ ListenerArn: inTheWay.ListenerArn }));
  report(`shift: the redirect on port ${port} makes way for the listener that serves`);
}
