import { matchesAny } from "../../patterns";
import { resourceRule } from "../../rule";
import { list } from "../../values";

const KEYS: Record<string, string> = {
  "rds/instance": "instanceClass",
  "rds/clusterInstance": "instanceClass",
  "elasticache/replicationGroup": "nodeType",
  "elasticache/cluster": "nodeType",
};

export const rule = resourceRule({
  name: "allowed-database-classes",
  title: "Databases, session stores and search nodes are of the classes that this environment may use.",
  severity: "medium",
  ids: [],
  why: "They run day and night and cannot be made smaller without an interruption.",
  fix: "Use an allowed class; parameter `classes` lists them, with * for any text and {a,b} for either.",
  kinds: [...Object.keys(KEYS), "opensearch/domain"],
  parameters: { classes: { type: "array", items: { type: "string" } } },
  check: ({ kind, props }, report, { settings }) => {
    const classes: string[] = settings.classes ?? [];
    const found =
      kind === "opensearch/domain" ? list(props.clusterConfig)[0]?.instanceType : props[KEYS[kind]!];
    if (classes.length > 0 && found !== undefined && !matchesAny(classes, String(found))) {
      report(`${found} is not among ${classes.join(", ")}.`);
    }
  },
});
