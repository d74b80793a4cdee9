import { resourceRule } from "../../rule";
import { DOCKER_HOSTS, daemonSettings } from "../shared/docker";

export const rule = resourceRule({
  name: "docker-live-restore",
  title: "Containers outlive a restart of the Docker daemon.",
  severity: "low",
  ids: ["CIS-Docker.2.15"],
  why: "Otherwise each security update of Docker stops everything on the host.",
  fix: 'Write "live-restore": true into /etc/docker/daemon.json.',
  kinds: DOCKER_HOSTS,
  waits: "user data is known once what it names exists",
  check: ({ props }, report) => {
    const daemon = daemonSettings(props);
    if (daemon && daemon["live-restore"] !== true) report("Containers stop with the daemon.");
  },
});
