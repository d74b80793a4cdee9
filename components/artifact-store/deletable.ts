import type { CommonStoreArgs } from "./args";

/** Whether a store may go away together with what is in it: by its own word, else wherever nothing is protected. */
export function isDeletable(args: CommonStoreArgs): boolean {
  return args.deletable ?? !args.protected;
}
