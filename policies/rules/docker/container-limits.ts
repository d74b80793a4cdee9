import { resourceRule } from "../../rule";
import { given } from "../../values";

export const rule = resourceRule({
  name: "container-limits",
  title: "Containers have limits of memory and CPU.",
  severity: "medium",
  ids: ["CIS-Docker.5.11", "CIS-Docker.5.12"],
  why: "Without them one tool takes the memory of all, and the kernel chooses who dies.",
  fix: "Set memory (MB), and cpus or cpuShares.",
  kinds: ["docker/container"],
  check: ({ props }, report) => {
    if (!given(props, "memory")) report("Memory is not limited.");
    if (!["cpus", "cpuShares", "cpuQuota", "cpuSet"].some((name) => given(props, name)))
      report("CPU is not limited.");
  },
});
