/** Small emulated states and real targets for tests of the sandbox's load balancer and machines. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type {
  Action,
  EmulatedCommand,
  EmulatedInstance,
  EmulatedListener,
  EmulatedState,
  EmulatedTargetGroup,
  HealthCheck,
  Rule,
} from "../../sandbox/emulated";

const arnBase = "arn:aws:elasticloadbalancing:eu-central-1:123456789012";
export const loadBalancerArn = `${arnBase}:loadbalancer/app/shop/50dc6c495c0c9188`;
export const groupArn = (name: string) => `${arnBase}:targetgroup/${name}/73e2d6bc24d8a067`;

const quickCheck: HealthCheck = {
  enabled: true,
  protocol: "HTTP",
  port: "traffic-port",
  path: "/healthz",
  intervalSeconds: 0.1,
  timeoutSeconds: 1,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  matcher: "200",
};

export function group(
  name: string,
  targets: { id: string; port: number }[],
  more: Partial<Omit<EmulatedTargetGroup, "healthCheck">> & { healthCheck?: Partial<HealthCheck> } = {},
): EmulatedTargetGroup {
  const { healthCheck, ...rest } = more;
  return {
    arn: groupArn(name),
    name,
    protocol: "HTTP",
    port: 8080,
    deregistrationDelaySeconds: 30,
    loadBalancerArns: [],
    targets,
    ...rest,
    healthCheck: { ...quickCheck, ...healthCheck },
  };
}

export function forwardTo(weights: Record<string, number>): Action {
  const targetGroups = Object.entries(weights).map(([name, weight]) => ({ arn: groupArn(name), weight }));
  return { type: "forward", targetGroups };
}

export function listener(port: number, action: Action, rules: Rule[] = []): EmulatedListener {
  return {
    arn: `${arnBase}:listener/app/shop/50dc6c495c0c9188/${port}`,
    loadBalancerArn,
    port,
    protocol: "HTTP",
    certificateArns: [],
    defaultActions: [action],
    rules,
  };
}

let revision = 0;

export function state(
  address: string,
  listeners: EmulatedListener[],
  targetGroups: EmulatedTargetGroup[],
  instances: EmulatedInstance[] = [],
  commands: EmulatedCommand[] = [],
): EmulatedState {
  const loadBalancers = [{ arn: loadBalancerArn, name: "shop", dnsName: address }];
  return { revision: ++revision, loadBalancers, listeners, targetGroups, instances, commands };
}

/** A server on a free port of 127.0.0.1, as a target's application. */
export async function application(
  answer: RequestListener,
): Promise<{ port: number; server: Server; close(): Promise<void> }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: (server.address() as AddressInfo).port, server, close };
}

/** Waits until it is so; says what was waited for when it never is. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seconds = 10,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Waited ${seconds} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const sleep = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
