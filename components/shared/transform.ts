import * as pulumi from "@pulumi/pulumi";

/**
 * The one way to adjust a child of a component that its own arguments do not cover.
 *
 * - An object is laid over the arguments that the component has made: each property given replaces the
 *   component's, except `tags`, which are merged key by key so that `Name` and the shared tags stay.
 * - A function gets copies of the arguments and options and changes them in place. It is called once per child, so
 *   where a component has many children of a kind, `name` tells them apart.
 *
 * @example
 * transform: { instance: { monitoring: true } }
 * @example
 * transform: { subnet: (args, opts, name) => { if (name.includes("-data-")) opts.protect = true; } }
 */
export type Transform<Args> =
  | Partial<Args>
  | ((args: Args, opts: pulumi.CustomResourceOptions, name: string) => void);

/**
 * Gives what a resource's constructor takes, after the user's transform:
 * `new ec2.Vpc(...transformed(args.transform?.vpc, name, { … }, { parent: this }))`.
 */
export function transformed<Args extends object>(
  transform: Transform<Args> | undefined,
  name: string,
  args: Args,
  opts: pulumi.CustomResourceOptions,
): [name: string, args: Args, opts: pulumi.CustomResourceOptions] {
  if (transform === undefined) return [name, args, opts];
  if (typeof transform !== "function") return [name, overlay(args, transform), opts];
  const changedArgs = { ...args };
  const changedOpts = { ...opts };
  transform(changedArgs, changedOpts, name);
  return [name, changedArgs, changedOpts];
}

type Tags = pulumi.Input<Record<string, pulumi.Input<string>>>;

function overlay<Args extends object>(args: Args, changes: Partial<Args>): Args {
  const merged = { ...args, ...changes };
  const ours = (args as { tags?: Tags }).tags;
  const theirs = (changes as { tags?: Tags }).tags;
  if (ours !== undefined && theirs !== undefined) {
    (merged as { tags?: Tags }).tags = pulumi.all([ours, theirs]).apply(([a, b]) => ({ ...a, ...b }));
  }
  return merged;
}
