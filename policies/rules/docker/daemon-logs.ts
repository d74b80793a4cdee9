import { resourceRule } from "../../rule";
import { DOCKER_HOSTS, daemonSettings } from "../shared/docker";

const LOCAL = ["json-file", "local", "none"];

export const rule = resourceRule({
  name: "docker-daemon-logs",
  title: "Docker hosts send the containers' logs away.",
  severity: "low",
  ids: ["CIS-Docker.2.13"],
  why: "A container's log goes with the container, and fills the host's disk before that.",
  fix: 'Write "log-driver": "journald", "syslog" or "awslogs" into /etc/docker/daemon.json.',
  kinds: DOCKER_HOSTS,
  waits: "user data is known once what it names exists",
  check: ({ props }, report) => {
    const daemon = daemonSettings(props);
    if (!daemon) return;
    const driver = String(daemon["log-driver"] ?? "json-file");
    if (LOCAL.includes(driver)) report(`The log driver is ${driver}.`);
  },
});
