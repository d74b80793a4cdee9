import { resourceRule } from "../../rule";
import { list } from "../../values";

const HOST_PATHS = /^\/(var\/run\/docker\.sock|run\/docker\.sock|etc|proc|sys|boot|root)?\/?$/;

export const rule = resourceRule({
  name: "container-no-docker-socket",
  title: "Containers get neither Docker's socket nor the host's own folders.",
  severity: "critical",
  ids: ["CIS-Docker.5.6", "CIS-Docker.5.32"],
  why: "Who talks to Docker's socket starts a privileged container, and has the host.",
  fix: "Mount the folder with the data; reach Docker over SSH from outside.",
  kinds: ["docker/container"],
  check: ({ props }, report) => {
    const paths = [
      ...list(props.volumes).map(({ hostPath }) => hostPath),
      ...list(props.mounts).map(({ source }) => source),
    ];
    for (const path of paths.filter((one) => typeof one === "string" && one !== "" && HOST_PATHS.test(one))) {
      report(`${path} of the host is mounted.`);
    }
  },
});
