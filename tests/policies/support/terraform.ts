/** Resources of examples as Terraform, as other tools read them. */
import { Reference, type Sample } from "../../../policies/testing/rule-test";
import { toBridge } from "../../../sandbox/provider/tokens";
import { tokenOf } from "./program";

/** Names that the SDK has in the plural, or otherwise. */
const NAMES: Record<string, string> = {
  vpcZoneIdentifiers: "vpc_zone_identifier",
  ebsBlockDevices: "ebs_block_device",
  defaultActions: "default_action",
  networkInterfaces: "network_interfaces",
  parameters: "parameter",
  rules: "rule",
};
/** Maps of the user's own, whose keys stay. */
const MAPS = new Set(["tags", "dimensions"]);

type Json = Record<string, unknown>;

/** The content of a `main.tf.json`. Names begin with `start`, as those of other examples may be the same. */
export function terraformOf(samples: readonly Sample[], start: string): { resource: Record<string, Json> } {
  const named = (name: string, index: number) => `${start}_${name}_${index}`.replace(/[^A-Za-z0-9_]/g, "_");
  const address = (to: string) => {
    const index = samples.findIndex(({ name }) => name === to);
    return `${terraformType(samples[index]!.kind)}.${named(to, index)}`;
  };
  const resource: Record<string, Json> = {};
  samples.forEach(({ kind, name, props }, index) => {
    const type = terraformType(kind);
    resource[type] ??= {};
    resource[type][named(name, index)] = terraformValue(props, address);
  });
  return { resource };
}

function terraformValue(value: unknown, address: (to: string) => string): unknown {
  if (value instanceof Reference) return `\${${address(value.to)}.${snake(value.property)}}`;
  if (Array.isArray(value)) return value.map((item) => terraformValue(item, address));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      NAMES[key] ?? snake(key),
      MAPS.has(key) ? child : terraformValue(child, address),
    ]),
  );
}

function terraformType(kind: string): string {
  const [, path = ""] = toBridge(tokenOf(kind), "resource").split(":");
  return `aws_${snake(path.split("/")[1]!)}`;
}

const snake = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
