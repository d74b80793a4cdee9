import { resourceRule, type Subject } from "../../rule";
import { list } from "../../values";
import { userData } from "../shared/machines";

export const rule = resourceRule({
  name: "log-forwarder",
  title: "Every machine sends its logs to the central store.",
  severity: "medium",
  ids: [],
  why: "A machine's own log is gone with the machine, and fleets are replaced with every release.",
  fix: "Add the forwarder to the role; parameter `forwarders` lists the words that tell one in user data, `without` the roles that have none, by the value of the tag `roleTag`.",
  kinds: ["ec2/instance", "ec2/launchTemplate"],
  parameters: {
    forwarders: { type: "array", items: { type: "string" } },
    roleTag: { type: "string" },
    without: { type: "array", items: { type: "string" } },
  },
  waits: "user data is known once what it names exists",
  check: (subject, report, { settings }) => {
    const forwarders: string[] = settings.forwarders ?? [];
    if (forwarders.length === 0) return;
    const without: string[] = settings.without ?? [];
    const role = without.length > 0 && roleOf(subject, settings.roleTag ?? "Role");
    if (role && without.includes(role)) return;
    const text = userData(subject.props);
    if (!forwarders.some((word) => text.includes(word)))
      report(`User data${role ? ` of ${role}` : ""} starts none of ${forwarders.join(", ")}.`);
  },
});

/** What a machine is, by a tag that it starts with. */
function roleOf({ kind, props }: Subject, tag: string): string | undefined {
  const tags =
    kind === "ec2/instance"
      ? props.tags
      : list(props.tagSpecifications).find(({ resourceType }) => resourceType === "instance")?.tags;
  return tags?.[tag] === undefined ? undefined : String(tags[tag]);
}
