import type * as pulumi from "@pulumi/pulumi";
import type { AlarmSpec } from "./alarms";
import type { Credentials } from "./credentials";

/** What a store finds ready, whichever form it has. */
export interface StoreSurroundings {
  readonly region: pulumi.Input<string>;
  readonly accountId: pulumi.Input<string>;
  /** Who may reach the store. */
  readonly securityGroupId: pulumi.Input<string>;
  readonly credentials: Credentials;
  /** Secret of the user that machines ship their lines as. */
  readonly writerSecretArn: pulumi.Input<string>;
  readonly tags: Record<string, string>;
}

/** What each form of the store gives. */
export interface MadeStore {
  readonly endpoint: pulumi.Output<string>;
  /** Undefined where there are no dashboards. */
  readonly dashboardsUrl: pulumi.Output<string> | undefined;
  /** The role by which it writes snapshots, where it needs one of its own. */
  readonly snapshotRoleArn?: pulumi.Output<string>;
  /** What its certificate is checked with, in PEM, where no public authority has made it. */
  readonly trustedCertificate?: pulumi.Output<string>;
  /** Of the machines that it runs on, which ship their lines to it. */
  readonly machinesSecurityGroupId?: pulumi.Output<string>;
  readonly alarms: readonly AlarmSpec[];
  readonly namespace: string;
  readonly dimensions: Record<string, pulumi.Input<string>>;
}
