import { resourceRule } from "../../rule";
import { isTrue } from "../../values";

export const rule = resourceRule({
  name: "container-unprivileged",
  title: "Containers are not privileged and do not share the host's processes or network.",
  severity: "critical",
  ids: ["CIS-Docker.5.5", "CIS-Docker.5.16"],
  why: "A privileged container is the host.",
  fix: 'Remove privileged, pidMode and networkMode "host", and add the one capability that is needed.',
  kinds: ["docker/container"],
  check: ({ props }, report) => {
    if (isTrue(props.privileged)) report("The container is privileged.");
    for (const mode of ["pidMode", "ipcMode", "usernsMode"])
      if (props[mode] === "host") report(`${mode} is the host's.`);
  },
});
