/** Reads the bridged Terraform provider's schema (what `GetSchema` answers) into the same form as the SDK's. */
import type { Described, Shape } from "./shape";

interface TypeSpec {
  type?: string;
  items?: TypeSpec;
  additionalProperties?: TypeSpec;
  $ref?: string;
}

interface ObjectSpec {
  properties?: Record<string, TypeSpec>;
}

export interface SchemaSpec {
  types: Record<string, ObjectSpec>;
  resources: Record<string, ObjectSpec & { inputProperties?: Record<string, TypeSpec> }>;
  functions: Record<string, { inputs?: ObjectSpec; outputs?: ObjectSpec }>;
}

export interface Bridged {
  resources: Map<string, Described>;
  functions: Map<string, Described>;
}

const TYPE_REF = "#/types/";

export function readBridged(schema: SchemaSpec): Bridged {
  const shapes = (specs: Record<string, TypeSpec> = {}): Record<string, Shape> =>
    Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, shape(spec)]));
  const shape = (spec: TypeSpec): Shape => {
    if (spec.$ref?.startsWith(TYPE_REF)) {
      const name = decodeURIComponent(spec.$ref.slice(TYPE_REF.length));
      const found = schema.types[name];
      return found ? { kind: "object", name, properties: () => shapes(found.properties) } : { kind: "value" };
    }
    if (spec.type === "array" && spec.items) return { kind: "list", of: shape(spec.items) };
    if (spec.type === "object") return { kind: "map" };
    return { kind: "value" };
  };
  const resources = Object.entries(schema.resources).map(([token, spec]): [string, Described] => [
    token,
    { token, inputs: shapes(spec.inputProperties), outputs: shapes(spec.properties) },
  ]);
  const functions = Object.entries(schema.functions).map(([token, spec]): [string, Described] => [
    token,
    { token, inputs: shapes(spec.inputs?.properties), outputs: shapes(spec.outputs?.properties) },
  ]);
  return { resources: new Map(resources), functions: new Map(functions) };
}
