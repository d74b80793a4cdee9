import type { MachineBench } from "../lib/machine-boots";
import { measured, ratioOf, table } from "../lib/tables";

/** EC2's limit on user data before it is encoded, in bytes. */
const LIMIT = 16 * 1024;

export function machinesSection({ boots, bakeSeconds, catalogs, userData }: MachineBench): string {
  const of = (kind: "fresh" | "baked", what: "seconds" | "configuring") =>
    boots.map((pair) => pair[kind][what]);
  const rows = (["seconds", "configuring"] as const).map((what) => [
    { seconds: "whole first boot", configuring: "of it the configuration" }[what],
    measured(of("fresh", what), "s"),
    measured(of("baked", what), "s"),
    ratioOf(of("baked", what), of("fresh", what)),
  ]);
  const roles = Object.entries(catalogs).map(([role, milliseconds]) => [
    `\`${role}\``,
    measured(
      milliseconds.map((one) => one / 1000),
      "s",
    ),
    `${userData[role]?.toLocaleString("en")} bytes`,
    `${Math.round((100 * (userData[role] ?? 0)) / LIMIT)} %`,
  ]);
  return `A machine of the role \`web\`, from its start to the end of its first boot: Debian's own systemd, cloud-init and Puppet in namespaces of their own,
packages from a folder of this machine. ${boots.length} of each, taking turns in being the first. The image was baked once (${bakeSeconds.toFixed(0)} s) as EC2 Image Builder does
it. On AWS the start of the instance itself and the way to package mirrors come on top, the latter for Debian's image alone.

${table(["", "Debian's image", "baked", "ratio"], rows)}

Catalogs were compiled for every environment; user data is the largest of them, as EC2 counts it, before base64.

${table(["role", "catalog", "user data", "of EC2's 16 KB"], roles)}`;
}
