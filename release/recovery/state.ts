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

/**
 * The state without pending operations, with resources in it that exist and were not known. They carry the inputs that
 * they were created with; a refresh of them fills in the rest.
 */
export function settled(
  state: Deployment,
  adopted: readonly { resource: StateResource; id: string }[],
): Deployment {
  const snapshot = state.deployment as Snapshot;
  const resources = [...(snapshot.resources ?? [])];
  for (const { resource, id } of adopted) {
    resources.push({ ...resource, id, outputs: { ...resource.inputs, id } });
  }
  return { ...state, deployment: { ...snapshot, resources, pending_operations: [] } };
}
