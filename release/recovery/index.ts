import type { Context } from "../context";
import type { OpenStack } from "../engine/engine";
import { parseUrn } from "../engine/urn";
import { failed } from "../errors";
import type { Project } from "../project";
import { loadEnvironment } from "../settings";
import { FINDERS, type Orphan, REPEATABLE, type RecoveryClients } from "./orphans";
import { knownIds, type PendingOperation, pendingOperations, type StateResource, settled } from "./state";

/** What was found after an update that was killed, and what was done about it. */
export interface Recovered extends Record<string, unknown> {
  /** Taken away: made by the update that was killed, unknown to the state, used by nobody. */
  removed: string[];
  /** In AWS and in no state, but users are on it or it is somebody else's: for a person to decide. */
  left: string[];
  /** Read anew from AWS, since a change or the delete of them was under way. */
  refreshed: string[];
  /** What may exist and cannot be looked up: for a person to look at. */
  unknown: string[];
}

const NOTHING: Recovered = { removed: [], left: [], refreshed: [], unknown: [] };

/**
 * Brings the state in order after an update that was killed. The engine notes what it is about to create; where it was
 * killed before it noted the result, it would create the same again and leave the first behind, with machines that
 * cost money and are in no state. Whatever has traffic is left and told, the rest is taken away.
 */
export async function recover(
  context: Context,
  project: Project,
  environment: string,
  { stack, guarded }: OpenStack,
): Promise<Recovered> {
  const state = await guarded(() => stack.exportStack());
  const pending = pendingOperations(state);
  if (pending.length === 0) return NOTHING;
  context.output.warn(`The last update of ${environment} was killed in the middle of ${describe(pending)}.`);
  const clients = await recoveryClients(loadEnvironment(project, environment).region);
  const result: Recovered = { removed: [], left: [], refreshed: [], unknown: [] };
  const known = knownIds(state);
  for (const { resource } of pending.filter(({ type }) => type === "creating")) {
    const orphan = await find(clients, resource, result);
    // Made again since, by plain Pulumi: then it is no orphan.
    if (!orphan || known.has(orphan.id)) continue;
    if (orphan.keep) {
      result.left.push(`${orphan.what} (${orphan.id})`);
    } else {
      await orphan.remove();
      result.removed.push(orphan.what);
    }
  }
  await guarded(() => stack.importStack(settled(state)));
  await refresh({ stack, guarded }, pending, result);
  tell(context, result);
  return result;
}

async function find(
  clients: RecoveryClients,
  resource: StateResource,
  result: Recovered,
): Promise<Orphan | undefined> {
  const finder = FINDERS[resource.type];
  if (finder) return finder(clients, resource.inputs ?? {});
  const isAws = resource.type.startsWith("aws:");
  if (isAws && !REPEATABLE.has(resource.type)) result.unknown.push(nameOf(resource));
  return undefined;
}

/** Changes and deletes that were under way may have been made: those resources alone are read anew, which is quick. */
async function refresh(
  { stack, guarded }: OpenStack,
  pending: readonly PendingOperation[],
  result: Recovered,
): Promise<void> {
  const begun = new Set(["updating", "deleting"]);
  const targets = pending.filter(({ type }) => begun.has(type)).map(({ resource }) => resource);
  if (targets.length === 0) return;
  result.refreshed.push(...targets.map(nameOf));
  try {
    await guarded(() =>
      stack.refresh({ target: targets.map(({ urn }) => urn), color: "never", suppressProgress: true }),
    );
  } catch (error) {
    throw failed(
      `What the killed update was changing (${targets.map(nameOf).join(", ")}) could not be read anew: ${(error as Error).message.split("\n")[0]}`,
      "Look with: pulumi refresh",
    );
  }
}

function tell({ output }: Context, { removed, left, refreshed, unknown }: Recovered): void {
  const said = [
    ["removed, since no state knows it", removed],
    ["read anew", refreshed],
  ] as const;
  for (const [what, names] of said) for (const name of names) output.done(`${name}: ${what}`);
  for (const name of left) {
    output.warn(
      `${name} is in AWS and in no state. It has traffic, or is somebody else's, so it is left alone: move the traffic off it and delete it, or take it in with \`pulumi import\`.`,
    );
  }
  for (const name of unknown) {
    output.warn(
      `${name} may have been created without anybody knowing: look for it in AWS, and delete it there.`,
    );
  }
  if (removed.length + left.length + refreshed.length + unknown.length === 0) {
    output.done("it had left nothing behind");
  }
}

function describe(pending: readonly PendingOperation[]): string {
  return pending.map(({ type, resource }) => `${type} ${nameOf(resource)}`).join(", ");
}

function nameOf({ urn }: StateResource): string {
  const { type, name } = parseUrn(urn);
  return `${type.split(":").at(-1)} ${name}`;
}

async function recoveryClients(region: string): Promise<RecoveryClients> {
  const [autoScaling, cloudWatch, ec2, elb] = await Promise.all([
    import("@aws-sdk/client-auto-scaling"),
    import("@aws-sdk/client-cloudwatch"),
    import("@aws-sdk/client-ec2"),
    import("@aws-sdk/client-elastic-load-balancing-v2"),
  ]);
  return {
    autoScaling: new autoScaling.AutoScalingClient({ region }),
    cloudWatch: new cloudWatch.CloudWatchClient({ region }),
    ec2: new ec2.EC2Client({ region }),
    elb: new elb.ElasticLoadBalancingV2Client({ region }),
  };
}
