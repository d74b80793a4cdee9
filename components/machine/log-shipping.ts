import type * as pulumi from "@pulumi/pulumi";
import type { BootFile } from "./first-boot";

/** How machines ship their log lines to a store. Without it lines stay in each machine's journal. */
export interface LogShipping {
  /** Secret with the store's user and password, which the machines' role is allowed to read. */
  readonly secretArn: pulumi.Input<string>;
  /** The forwarder's configuration, and what it checks the store with. */
  readonly files: pulumi.Input<readonly BootFile[]>;
}
