import { getAmiOutput } from "@pulumi/aws/ec2/getAmi";
import type * as pulumi from "@pulumi/pulumi";

/** Debian's own account on AWS, which publishes its images (wiki.debian.org/Cloud/AmazonEC2Image). */
const DEBIAN_OWNER = "136693071363";

/** Graviton types have a `g` right after the generation, as in `t4g` or `m7gd`. */
export function architectureOf(instanceType: string): "arm64" | "x86_64" {
  return /^(a1|[a-z]+\d+g)/.test(instanceType) ? "arm64" : "x86_64";
}

/** Id of the newest Debian 12 image for an instance type. It changes over time: pin what a release runs on. */
export function debianImage(instanceType: string, opts: pulumi.InvokeOutputOptions): pulumi.Output<string> {
  const architecture = architectureOf(instanceType);
  return getAmiOutput(
    {
      owners: [DEBIAN_OWNER],
      mostRecent: true,
      filters: [
        { name: "name", values: [`debian-12-${architecture === "arm64" ? "arm64" : "amd64"}-*`] },
        { name: "architecture", values: [architecture] },
      ],
    },
    opts,
  ).id;
}
