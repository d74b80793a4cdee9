import { NAMES } from "./setup";
import type { LogStore } from "./store";

/** Copies data streams into the snapshot repository; resolves when the copy is whole. */
export async function takeSnapshot(store: LogStore, name: string, streams: readonly string[]): Promise<void> {
  const { snapshot } = await store.send<{
    snapshot: { state: string; shards: { failed: number; total: number } };
  }>("PUT", `/_snapshot/${NAMES.repository}/${name}?wait_for_completion=true`, {
    indices: streams.join(","),
    include_global_state: false,
  });
  if (snapshot.state !== "SUCCESS") {
    const { failed, total } = snapshot.shards;
    throw new Error(
      `The snapshot ${name} is ${snapshot.state}: ${failed} of ${total} shards were not copied.`,
    );
  }
}

export interface StoredSnapshot {
  readonly snapshot: string;
  readonly state: string;
  readonly start_time: string;
  readonly data_streams: readonly string[];
}

/** Oldest first. */
export async function listSnapshots(store: LogStore): Promise<StoredSnapshot[]> {
  const path = `/_snapshot/${NAMES.repository}/_all`;
  const { snapshots } = await store.send<{ snapshots: StoredSnapshot[] }>("GET", path);
  return snapshots;
}

/**
 * Brings data streams back from a snapshot. A stream that is there is not touched.
 *
 * @throws Error naming the streams that are in the way.
 */
export async function restoreSnapshot(
  store: LogStore,
  name: string,
  streams: readonly string[],
): Promise<void> {
  const present = await Promise.all(streams.map((stream) => store.find(`/_data_stream/${stream}`)));
  const inTheWay = streams.filter((_, index) => present[index] !== undefined);
  if (inTheWay.length > 0) {
    throw new Error(
      `${inTheWay.join(", ")} ${inTheWay.length === 1 ? "is" : "are"} still in the store. Nothing was restored: delete what is to be replaced first.`,
    );
  }
  const names = (await listSnapshots(store)).map(({ snapshot }) => snapshot);
  if (!names.includes(name)) {
    throw new Error(`There is no snapshot ${name}. There are: ${names.join(", ") || "none"}.`);
  }
  const path = `/_snapshot/${NAMES.repository}/${name}/_restore?wait_for_completion=true`;
  await store.send("POST", path, { indices: streams.join(","), include_global_state: false });
}
