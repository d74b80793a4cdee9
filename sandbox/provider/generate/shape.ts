/** What a property looks like on the wire, as far as it matters for telling two schemas apart. */
export type Shape =
  | { kind: "value" }
  | { kind: "map" }
  | { kind: "list"; of: Shape }
  | { kind: "object"; name: string; properties: () => Record<string, Shape> };

/** One resource type or function as one of the two sources describes it. */
export interface Described {
  token: string;
  inputs: Record<string, Shape>;
  outputs: Record<string, Shape>;
}
