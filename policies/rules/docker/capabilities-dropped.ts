import { resourceRule } from "../../rule";
import { list } from "../../values";

export const rule = resourceRule({
  name: "container-capabilities-dropped",
  title: "Containers give up every capability and take back what they need.",
  severity: "medium",
  ids: ["CIS-Docker.5.4", "CIS-Docker.5.26"],
  why: "The default set lets a broken application change owners, bind any port and forge packets.",
  fix: 'Set capabilities.drops to ["ALL"] and name what is needed in adds; set securityOpts to ["no-new-privileges:true"].',
  kinds: ["docker/container"],
  check: ({ props }, report) => {
    const [capabilities] = list(props.capabilities);
    if (!list<string>(capabilities?.drops).some((name) => /^(CAP_)?ALL$/i.test(name)))
      report("The default capabilities are kept.");
    const risky = list<string>(capabilities?.adds).filter((name) =>
      /^(CAP_)?(ALL|SYS_ADMIN|SYS_PTRACE|SYS_MODULE|NET_ADMIN)$/i.test(name),
    );
    if (risky.length > 0) report(`Added: ${risky.join(", ")}.`);
  },
});
