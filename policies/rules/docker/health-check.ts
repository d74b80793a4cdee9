import { resourceRule } from "../../rule";
import { list } from "../../values";

export const rule = resourceRule({
  name: "container-health-check",
  title: "Containers say whether they are well, and are started again.",
  severity: "low",
  ids: ["CIS-Docker.5.27"],
  why: "A process that runs and does not answer looks fine to Docker.",
  fix: 'Set healthcheck.tests and restart: "unless-stopped".',
  kinds: ["docker/container"],
  check: ({ props }, report) => {
    if (list(list(props.healthcheck)[0]?.tests).length === 0) report("There is no health check.");
  },
});
