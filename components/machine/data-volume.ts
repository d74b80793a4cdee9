import { Volume } from "@pulumi/aws/ebs/volume";
import { getSubnetOutput } from "@pulumi/aws/ec2/getSubnet";
import type * as pulumi from "@pulumi/pulumi";

export interface DataVolumeArgs {
  /** The machine's subnet: a volume is in one zone. */
  readonly subnetId: pulumi.Input<string>;
  /** GiB. */
  readonly sizeGb: number;
  /** Kept when it is no longer declared, with a last snapshot. */
  readonly kept: boolean;
  readonly tags: Record<string, string>;
}

/** A disk that outlives its machine: the next one attaches it. */
export function makeDataVolume(name: string, args: DataVolumeArgs, parent: pulumi.Resource): Volume {
  return new Volume(
    name,
    {
      availabilityZone: getSubnetOutput({ id: args.subnetId }, { parent }).availabilityZone,
      size: args.sizeGb,
      type: "gp3",
      encrypted: true,
      finalSnapshot: args.kept,
      tags: { ...args.tags, Name: name },
    },
    { parent, retainOnDelete: args.kept },
  );
}

/** Lets machines with a tag attach exactly these volumes to themselves. */
export function attachStatements(volumeArns: readonly string[], tag: { key: string; value: string }) {
  const Action = ["ec2:AttachVolume", "ec2:DetachVolume"];
  if (volumeArns.length === 0) return [];
  return [
    { Effect: "Allow", Action, Resource: [...volumeArns] },
    {
      Effect: "Allow",
      Action,
      Resource: ["arn:aws:ec2:*:*:instance/*"],
      Condition: { StringEquals: { [`aws:ResourceTag/${tag.key}`]: tag.value } },
    },
  ];
}
