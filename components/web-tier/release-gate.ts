import type * as pulumi from "@pulumi/pulumi";
import type { Clock, Report, TrafficClients } from "./traffic";

/** What stands between a release and its machines, and between its machines and the traffic, such as its database. */
export interface ReleaseGate {
  /** Runs before the first resource of the live release's fleet is made; when it throws, nothing of the fleet is. */
  readonly beforeFleet: pulumi.ResourceHook;
  /**
   * Runs in place of the move of the traffic, and calls it when it may be made. `formerly` names the target groups that
   * served before the gate took the traffic from them.
   */
  readonly aroundSwap: <T>(
    traffic: {
      readonly clients: TrafficClients;
      /** Undefined while the listener is being created. */
      readonly listenerArn: string | undefined;
      readonly report: Report;
      readonly clock: Clock;
    },
    swap: (formerly: readonly string[]) => Promise<T>,
  ) => Promise<T>;
  /** What has to be there before the hooks can run. */
  readonly dependsOn: readonly pulumi.Resource[];
}
