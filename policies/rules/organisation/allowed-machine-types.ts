import { matchesAny } from "../../patterns";
import { resourceRule } from "../../rule";
import { given } from "../../values";
import { MACHINES } from "../shared/machines";

export const rule = resourceRule({
  name: "allowed-machine-types",
  title: "Machines are of the types that this class of environment may use.",
  severity: "medium",
  ids: [],
  why: "One letter in a file can cost ten times as much, for weeks, without anybody noticing.",
  fix: "Use an allowed type; parameter `types` lists them, with * for any text and {a,b} for either.",
  kinds: MACHINES,
  parameters: { types: { type: "array", items: { type: "string" } } },
  check: ({ props }, report, { settings }) => {
    const types: string[] = settings.types ?? [];
    if (types.length === 0 || !given(props, "instanceType")) return;
    const type = String(props.instanceType);
    if (!matchesAny(types, type)) report(`${type} is not among ${types.join(", ")}.`);
  },
});
