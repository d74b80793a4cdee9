import adaptations from "../adaptation-table.json";
import table from "../token-table.json";
import { readSdk } from "./sdk";
import type { Described } from "./shape";

const sdk = readSdk();

function byPath(types: Map<string, Described>): Map<string, Described> {
  return new Map([...types].map(([token, type]) => [token.split(":")[1]!, type]));
}

const kinds = [
  { kind: "resources" as const, types: byPath(sdk.resources) },
  { kind: "functions" as const, types: byPath(sdk.functions) },
];

test.each(kinds)(
  "each of the $kind in the token table is one of the installed @pulumi/aws",
  ({ kind, types }) => {
    const paths = Object.entries(table[kind]).flatMap(([module, names]) =>
      Object.keys(names).map((name) => `${module}/${name}`),
    );
    expect(paths.length).toBeGreaterThan(500);
    expect(paths.filter((path) => !types.has(path))).toEqual([]);
  },
);

test.each(kinds)("each adapted property of $kind is one of the installed @pulumi/aws", ({ kind, types }) => {
  const unknown = Object.entries(adaptations[kind]).flatMap(([path, rules]) => {
    const type = types.get(path);
    const names = Object.keys(rules).filter(
      (name) => !type || !(name in type.inputs || name in type.outputs),
    );
    return names.map((name) => `${path}.${name}`);
  });
  expect(unknown).toEqual([]);
});
