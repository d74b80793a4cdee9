// The least that a Pulumi program in TypeScript can be, as `pulumi new typescript` sets it up: type-checked at each start.
import * as pulumi from "@pulumi/pulumi";

export const stack = pulumi.getStack();
