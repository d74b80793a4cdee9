/** Resources of examples and of programs as Terraform, which other tools read. */
import { graphOf } from "../../../components/shared/mocks";
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

/** The content of a `main.tf.json`: resources by type and name. */
export interface Terraform {
  resource: Record<string, Record<string, unknown>>;
}

/** @param start How names begin, as those of other examples may be the same. */
export function terraformOf(samples: readonly Sample[], start: string): Terraform {
  const addressAt = (index: number) =>
    addressOf(tokenOf(samples[index]!.kind), `${start}_${samples[index]!.name}_${index}`);
  const addressFor = (to: string) => addressAt(samples.findIndex(({ name }) => name === to)).join(".");
  return document(
    samples.map(({ props }, index) => [addressAt(index), terraformValue(props, addressFor) as object]),
  );
}

/** What a program makes. Whatever it would know of a resource only afterwards is a reference to that resource. */
export async function terraformOfProgram(program: () => unknown, start: string): Promise<Terraform> {
  const address = (type: string, name: string) => addressOf(type, `${start}_${name}`);
  const state = ({ type, name }: { type: string; name: string }) => {
    if (!type.startsWith("aws:")) return undefined;
    const known = { id: "id", arn: "arn", bucket: "id", name: "name", dnsName: "dns_name" };
    return Object.fromEntries(
      Object.entries(known).map(([key, of]) => [key, `\${${address(type, name).join(".")}.${of}}`]),
    );
  };
  const { resources } = await graphOf(program, { state });
  return document(
    resources
      .filter(({ type }) => type.startsWith("aws:"))
      .map(({ type, name, inputs }) => [address(type, name), terraformValue(inputs) as object]),
  );
}

type Address = [type: string, name: string];

function document(resources: readonly [Address, object][]): Terraform {
  const resource: Terraform["resource"] = {};
  for (const [[type, name], values] of resources) resource[type] = { ...resource[type], [name]: values };
  return { resource };
}

function addressOf(token: string, name: string): Address {
  const [, path = ""] = toBridge(token, "resource").split(":");
  return [`aws_${snake(path.split("/")[1]!)}`, name.replace(/[^A-Za-z0-9_]/g, "_")];
}

function terraformValue(value: unknown, address: (to: string) => string = String): unknown {
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

const snake = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
