import { resourceRule } from "../../rule";
import { isTrue } from "../../values";

export const rule = resourceRule({
  name: "termination-protection",
  title: "In prod-like environments single machines cannot be terminated by mistake.",
  severity: "low",
  only: "protected",
  ids: ["AwsSolutions-EC29"],
  why: "No Auto Scaling group brings them back.",
  fix: "Set disableApiTermination to true, or put the machine into an Auto Scaling group.",
  kinds: ["ec2/instance"],
  check: ({ props }, report) => {
    if (!isTrue(props.disableApiTermination)) report("The machine can be terminated by one call.");
  },
  remedy: (props, facts) =>
    facts.protected && props.disableApiTermination !== true
      ? { ...props, disableApiTermination: true }
      : undefined,
});
