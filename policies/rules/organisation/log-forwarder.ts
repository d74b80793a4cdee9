import { resourceRule } from "../../rule";
import { userData } from "../shared/machines";

export const rule = resourceRule({
  name: "log-forwarder",
  title: "Every machine sends its logs to the central store.",
  severity: "medium",
  ids: [],
  why: "A machine's own log is gone with the machine, and fleets are replaced with every release.",
  fix: "Add the forwarder to the role; parameter `forwarders` lists the words that tell one in user data.",
  kinds: ["ec2/instance", "ec2/launchTemplate"],
  parameters: { forwarders: { type: "array", items: { type: "string" } } },
  waits: "user data is known once what it names exists",
  check: ({ props }, report, { settings }) => {
    const forwarders: string[] = settings.forwarders ?? [];
    if (forwarders.length === 0) return;
    const text = userData(props);
    if (!forwarders.some((word) => text.includes(word)))
      report(`User data starts none of ${forwarders.join(", ")}.`);
  },
});
