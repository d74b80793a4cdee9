import type { Finding } from "./checks";
import { gotText } from "./errors";
import type { SettingsPath } from "./walk";

/** Names that stand twice in a list of things that are told apart by name. */
export function namedTwice(path: SettingsPath, names: readonly string[]): Finding[] {
  return names.flatMap((name, i) =>
    names.indexOf(name) < i
      ? [
          {
            path: [...path, i, "name"],
            uses: [],
            got: gotText(name),
            allowed: "a name that nothing else in the list has",
            fix: `Rename it, for example to ${name}-${i + 1}.`,
          },
        ]
      : [],
  );
}
