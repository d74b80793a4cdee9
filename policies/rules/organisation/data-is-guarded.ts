import { resourceRule } from "../../rule";

const HOLDERS = [
  "rds/instance",
  "rds/cluster",
  "efs/fileSystem",
  "s3/bucket",
  "opensearch/domain",
  "ec2/vpnConnection",
  "kms/key",
];

export const rule = resourceRule({
  name: "data-is-guarded",
  title: "In prod-like environments the engine itself refuses to delete what holds data or addresses.",
  severity: "low",
  level: "disabled",
  only: "protected",
  ids: [],
  why: "It is off by default: `retrofit check` asks for confirmation by name before such a resource is replaced or deleted. Switch it on where `pulumi up` is used directly.",
  fix: "Set the resource option protect to true.",
  kinds: HOLDERS,
  check: ({ protect }, report) => {
    if (!protect) report("One update can delete it.");
  },
});
