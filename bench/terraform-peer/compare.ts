/** Whether the peer configuration still makes what the Pulumi program makes: by type, and how many of each. */
import { toBridge } from "../../sandbox/provider/tokens";

export interface StackExport {
  deployment: { resources?: { type: string; custom?: boolean }[] };
}

/** Each type that differs, as `s3bucket: Pulumi 2, Terraform 1`; empty when the two agree. */
export function differences(stack: StackExport, terraform: string[]): string[] {
  const ours = countPulumi(stack);
  const theirs = count(terraform.map((address) => plain(address.split(".")[0]!.replace(/^aws_/, ""))));
  const types = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort();
  return types
    .filter((type) => ours[type] !== theirs[type])
    .map((type) => `${type}: Pulumi ${ours[type] ?? 0}, Terraform ${theirs[type] ?? 0}`);
}

/** Resources in AWS; components and the provider are bookkeeping of the engine's. */
export function awsResources({ deployment }: StackExport): string[] {
  return (deployment.resources ?? []).filter(({ type }) => type.startsWith("aws:")).map(({ type }) => type);
}

const countPulumi = (stack: StackExport) =>
  count(
    awsResources(stack).map((type) => plain(toBridge(type, "resource").split(":")[1]!.replace("index/", ""))),
  );

/** `s3BucketPolicy` and `s3_bucket_policy` are the same type. */
const plain = (name: string) => name.replaceAll("_", "").toLowerCase();

function count(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
