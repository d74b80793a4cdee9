import { resourceRule } from "../../rule";
import { isTrue, list } from "../../values";

export const rule = resourceRule({
  name: "no-sticky-sessions",
  title: "Load balancers do not bind users to machines.",
  severity: "high",
  ids: [],
  why: "Bound users cannot be moved: a release, a scale-in or a failed machine ends their sessions, and load no longer spreads.",
  fix: "Keep sessions in the session store and leave stickiness off.",
  kinds: ["lb/targetGroup", "lb/listener", "lb/listenerRule"],
  check: ({ kind, props }, report) => {
    if (kind === "lb/targetGroup") {
      const [stickiness] = list(props.stickiness);
      if (stickiness && stickiness.enabled !== false) report("The target group has sticky sessions.");
      return;
    }
    for (const { forward } of list(props[kind === "lb/listener" ? "defaultActions" : "actions"])) {
      const [stickiness] = list(list(forward)[0]?.stickiness);
      if (isTrue(stickiness?.enabled)) report("The action keeps users on one target group.");
    }
  },
});
