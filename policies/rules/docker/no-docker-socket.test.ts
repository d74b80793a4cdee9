import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./no-docker-socket";

export const examples = ruleTest(rule, {
  violating: {
    "the socket": [
      sample("docker/container", "tool", {
        image: "tool@sha256:00",
        volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/var/run/docker.sock" }],
      }),
    ],
  },
  compliant: {
    data: [
      sample("docker/container", "tool", {
        image: "tool@sha256:00",
        volumes: [{ hostPath: "/srv/tool", containerPath: "/data" }],
      }),
    ],
  },
});
