import type * as pulumi from "@pulumi/pulumi";

/** The value of an output, for hooks: they run outside of the graph, when it is known. */
export function resolved<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
