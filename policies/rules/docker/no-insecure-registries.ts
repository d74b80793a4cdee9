import { resourceRule } from "../../rule";
import { list } from "../../values";
import { DOCKER_HOSTS, daemonSettings } from "../shared/docker";

export const rule = resourceRule({
  name: "docker-no-insecure-registries",
  title: "Docker hosts fetch images over TLS only.",
  severity: "high",
  ids: ["CIS-Docker.2.5"],
  why: "Whoever is on the way can give the host another image.",
  fix: 'Remove "insecure-registries" and give the registry a certificate.',
  kinds: DOCKER_HOSTS,
  waits: "user data is known once what it names exists",
  check: ({ props }, report) => {
    const registries = list<string>(daemonSettings(props)?.["insecure-registries"]);
    if (registries.length > 0) report(`Fetched without TLS: ${registries.join(", ")}.`);
  },
});
