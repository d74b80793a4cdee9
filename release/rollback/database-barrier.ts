import { type LedgerStore, lossOf } from "../../components/database/gate/ledger";
import { describeBarrier } from "../../components/database/gate/refuse";
import type { RunningEnvironment } from "../environment";
import type { Barrier } from "./barriers";

/**
 * A release that changed the database so that the one before cannot work with it. Read from the record beside the
 * artifacts, so that a rollback need not wait for the database; the program's own gate asks the database itself.
 */
export async function findDatabaseBarrier(
  running: RunningEnvironment,
  { from, to }: { from: string; to: string },
  open: (running: RunningEnvironment) => Promise<LedgerStore | undefined> = openLedgerOf,
): Promise<Barrier | undefined> {
  const store = await open(running);
  const ledger = await store?.read();
  const barrier = ledger?.barrier;
  if (!store || !ledger || !barrier || barrier.release !== from) return undefined;
  const loss = lossOf(barrier, to);
  return {
    gate: "database",
    reason: describeBarrier(barrier),
    loss,
    hint: "",
    onAccepted: async () => {
      const accepted = { ...barrier.accepted, [to]: loss };
      await store.write({ ...ledger, barrier: { ...barrier, accepted } });
    },
  };
}

async function openLedgerOf({ outputs }: RunningEnvironment): Promise<LedgerStore | undefined> {
  if (!outputs.databaseGate || !outputs.artifactBucket) return undefined;
  const { openLedger } = await import("../../components/database/gate/open");
  return openLedger(outputs.listenerArn.split(":")[3] ?? "", outputs.artifactBucket);
}
