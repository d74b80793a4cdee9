import { resourceRule } from "../../rule";
import { isTrue } from "../../values";

export const rule = resourceRule({
  name: "container-read-only-root",
  title: "Containers cannot change their own files.",
  severity: "low",
  ids: ["CIS-Docker.5.13"],
  why: "What is written into a container is lost with it, and an intruder's tools could stay.",
  fix: "Set readOnly to true and mount a volume where the application writes.",
  kinds: ["docker/container"],
  check: ({ props }, report) => {
    if (!isTrue(props.readOnly)) report("The root file system can be written.");
  },
  remedy: (props) => (props.readOnly === true ? undefined : { ...props, readOnly: true }),
});
