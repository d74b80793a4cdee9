import type { WeightedGroup } from "../daemon/events";
import type { Action, EmulatedState } from "../emulated";

/** Target group ARN → ARN of the load balancer that has an action with it. */
export function groupsInUse(state: EmulatedState | undefined): Map<string, string> {
  const inUse = new Map<string, string>();
  for (const listener of state?.listeners ?? []) {
    const actions = [...listener.defaultActions, ...listener.rules.flatMap((rule) => rule.actions)];
    for (const group of actions.flatMap(groupsOf)) inUse.set(group.arn, listener.loadBalancerArn);
  }
  return inUse;
}

export interface WeightChange {
  listenerArn: string;
  address: string;
  port: number;
  rule: string;
  groups: WeightedGroup[];
}

/** The forwards whose groups or weights are not what they were. */
export function changedWeights(
  before: EmulatedState | undefined,
  after: EmulatedState,
  describe: (groupArn: string) => Pick<WeightedGroup, "name" | "release">,
): WeightChange[] {
  const former = new Map(forwards(before).map((entry) => [entry.id, JSON.stringify(entry.groups)]));
  return forwards(after)
    .filter((entry) => former.get(entry.id) !== JSON.stringify(entry.groups))
    .map(({ id: _id, groups, ...where }) => ({
      ...where,
      groups: groups.map((group) => ({ ...group, ...describe(group.arn) })),
    }));
}

function forwards(state: EmulatedState | undefined) {
  return (state?.listeners ?? []).flatMap((listener) => {
    const address = state?.loadBalancers.find(({ arn }) => arn === listener.loadBalancerArn)?.dnsName ?? "";
    const where = { listenerArn: listener.arn, address, port: listener.port };
    const sets = [
      { rule: "default", actions: listener.defaultActions },
      ...listener.rules.map((rule) => ({ rule: String(rule.priority), actions: rule.actions })),
    ];
    return sets
      .map(({ rule, actions }) => ({
        id: `${listener.arn} ${rule}`,
        ...where,
        rule,
        groups: actions.flatMap(groupsOf),
      }))
      .filter(({ groups }) => groups.length > 0);
  });
}

function groupsOf(action: Action): { arn: string; weight: number }[] {
  return action.type === "forward" ? action.targetGroups : [];
}
