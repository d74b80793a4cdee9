import { resourceRule } from "../../rule";
import { DOCKER_HOSTS, daemonSettings } from "../shared/docker";

export const rule = resourceRule({
  name: "docker-isolated-containers",
  title: "Docker hosts keep containers apart: from each other, from root, from a proxy in user space.",
  severity: "medium",
  ids: ["CIS-Docker.2.2", "CIS-Docker.2.9", "CIS-Docker.2.16"],
  why: "On the default network every container reaches every other one, and root in a container is root on the host.",
  fix: 'Write "icc": false, "userns-remap": "default" and "userland-proxy": false into /etc/docker/daemon.json.',
  kinds: DOCKER_HOSTS,
  waits: "user data is known once what it names exists",
  check: ({ props }, report) => {
    const daemon = daemonSettings(props);
    if (!daemon) return;
    if (daemon.icc !== false) report("Containers reach each other (icc).");
    if (!daemon["userns-remap"]) report("Root in a container is root on the host (userns-remap).");
    if (daemon["userland-proxy"] !== false)
      report("Ports are published through a proxy in user space (userland-proxy).");
  },
});
