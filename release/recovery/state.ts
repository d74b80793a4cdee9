import type { Deployment } from "@pulumi/pulumi/automation";

/** A resource in a stack's state, as far as it is needed here. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** What the engine had begun and does not know the end of, since it was killed. */
export interface PendingOperation {
  resource: StateResource;
  type: "creating" | "updating" | "deleting" | "reading" | "importing" | string;
}

interface Snapshot {
  resources?: StateResource[];
  pending_operations?: PendingOperation[];
}

export function pendingOperations(state: Deployment): PendingOperation[] {
  return (state.deployment as Snapshot | null)?.pending_operations ?? [];
}

export function resourcesIn(state: Deployment): readonly StateResource[] {
  return (state.deployment as Snapshot | null)?.resources ?? [];
}

/** What the state knows, by the ids that AWS knows it by. */
export function knownIds(state: Deployment): ReadonlySet<string> {
  return new Set(resourcesIn(state).flatMap(({ id }) => (id === undefined ? [] : [id])));
}

/** The state with nothing under way any more. */
export function settled(state: Deployment): Deployment {
  return { ...state, deployment: { ...(state.deployment as Snapshot), pending_operations: [] } };
}
