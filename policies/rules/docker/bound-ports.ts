import { resourceRule } from "../../rule";
import { given, list } from "../../values";

export const rule = resourceRule({
  name: "container-bound-ports",
  title: "Containers publish their ports on one address of the host.",
  severity: "medium",
  ids: ["CIS-Docker.5.14"],
  why: "On all addresses a published port goes past the host's own firewall.",
  fix: "Set ports[].ip, such as 127.0.0.1 behind a proxy, or the host's private address.",
  kinds: ["docker/container"],
  check: ({ props }, report) => {
    for (const port of list(props.ports)) {
      if (given(port, "external") && (!given(port, "ip") || port.ip === "0.0.0.0" || port.ip === "::")) {
        report(`Port ${port.external} is published on every address.`);
      }
    }
    if (props.networkMode === "host") report("The container has the host's network.");
  },
});
