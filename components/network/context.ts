import type * as pulumi from "@pulumi/pulumi";
import type { NetworkTransforms } from "./args";
import type { NetworkSettings } from "./settings";

/** What each part of a network is made with. */
export interface Context {
  /** Name of the network; its children are named after it. */
  name: string;
  settings: NetworkSettings;
  transform: NetworkTransforms;
  /** `parent`, for every child. */
  opts: pulumi.CustomResourceOptions;
  /** Tags of a child: the shared ones, and its name. */
  tags(childName: string): Record<string, pulumi.Input<string>>;
}
