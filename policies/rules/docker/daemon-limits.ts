import { resourceRule } from "../../rule";
import { DOCKER_HOSTS, daemonSettings } from "../shared/docker";

export const rule = resourceRule({
  name: "docker-daemon-limits",
  title: "Docker hosts limit every container, also those that say nothing.",
  severity: "low",
  ids: ["CIS-Docker.2.8", "CIS-Docker.2.14"],
  why: "One container that opens files without end takes all others down; one that gains privileges takes the host.",
  fix: 'Write "default-ulimits" and "no-new-privileges": true into /etc/docker/daemon.json.',
  kinds: DOCKER_HOSTS,
  waits: "user data is known once what it names exists",
  check: ({ props }, report) => {
    const daemon = daemonSettings(props);
    if (!daemon) return;
    if (!daemon["default-ulimits"]) report("There are no default limits (default-ulimits).");
    if (daemon["no-new-privileges"] !== true)
      report("Processes in containers may gain privileges (no-new-privileges).");
  },
});
