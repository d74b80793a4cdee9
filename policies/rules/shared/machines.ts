/** What instances, launch templates and launch configurations have in common. */
import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import type { Bag, Subject } from "../../rule";
import { given, list } from "../../values";

export const MACHINES = ["ec2/instance", "ec2/launchTemplate", "ec2/launchConfiguration"] as const;

/** Volumes that a machine starts with. */
export function volumes({ kind, props }: Subject): Bag[] {
  if (kind === "ec2/launchTemplate") {
    return list(props.blockDeviceMappings)
      .map(({ ebs }) => ebs as Bag | undefined)
      .filter((ebs): ebs is Bag => ebs !== undefined && ebs !== null);
  }
  return [...list<Bag>(props.rootBlockDevice), ...list<Bag>(props.ebsBlockDevices)];
}

/** User data as text: given plain, in base64, compressed. Empty where there is none. */
export function userData(props: Bag): string {
  for (const key of ["userData", "userDataBase64"]) {
    if (!given(props, key)) continue;
    const text = String(props[key]);
    if (!/^[A-Za-z0-9+/\s]+={0,2}$/.test(text)) return text;
    const bytes = Buffer.from(text, "base64");
    return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString("utf8");
  }
  return "";
}

/** A file that cloud-init writes at first boot, or undefined. */
export function writtenFile(props: Bag, path: string): string | undefined {
  const text = userData(props);
  if (!text.startsWith("#cloud-config")) return undefined;
  const file = list<Bag>(cloudConfig(text).write_files).find((entry) => entry.path === path);
  if (!file) return undefined;
  const encoding = String(file.encoding ?? "");
  const content = String(file.content ?? "");
  if (encoding === "") return content;
  const bytes = Buffer.from(content, "base64");
  return (/^(gz|gzip)/.test(encoding) ? gunzipSync(bytes) : bytes).toString("utf8");
}

export function cloudConfig(text: string): Bag {
  try {
    return (parse(text) as Bag | null) ?? {};
  } catch {
    return {};
  }
}
