/** Reads resource types and functions out of the installed `@pulumi/aws`: its declarations are the SDK's schema. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import * as ts from "typescript";
import type { Described, Shape } from "./shape";

type Members = ReadonlyMap<string, ts.TypeNode>;
/** Interfaces by their full name, `ec2.GetAmiFilter` within types/input.d.ts. */
type Interfaces = Map<string, Members>;

const VALUE: Shape = { kind: "value" };

export interface Sdk {
  resources: Map<string, Described>;
  functions: Map<string, Described>;
}

export function readSdk(root = dirname(require.resolve("@pulumi/aws/package.json"))): Sdk {
  const types = {
    inputs: interfacesOf(parse(join(root, "types/input.d.ts"))),
    outputs: interfacesOf(parse(join(root, "types/output.d.ts"))),
  };
  const sdk: Sdk = { resources: new Map(), functions: new Map() };
  for (const path of declarationFiles(root)) readModule(path, types, sdk);
  return sdk;
}

function declarationFiles(root: string): string[] {
  const skipped = new Set(["types", "node_modules", "bin", "tests"]);
  const found: string[] = [];
  for (const name of readdirSync(root)) {
    const path = join(root, name);
    if (name.endsWith(".d.ts")) found.push(path);
    else if (!skipped.has(name) && statSync(path).isDirectory()) {
      for (const file of readdirSync(path)) if (file.endsWith(".d.ts")) found.push(join(path, file));
    }
  }
  return found;
}

type Types = Record<"inputs" | "outputs", Interfaces>;

function readModule(path: string, types: Types, sdk: Sdk): void {
  const code = readFileSync(path.replace(/\.d\.ts$/, ".js"), "utf8");
  const resource = /__pulumiType = '(aws:[^']+)'/.exec(code)?.[1];
  const invoked = /runtime\.invoke\("(aws:[^"]+)"/.exec(code)?.[1];
  if (!resource && !invoked) return;
  const source = parse(path);
  const local = interfacesOf(source);
  const shapes = (members: Members | undefined) => shapesOf(members ?? new Map(), types, local);
  if (resource) {
    const className = resource.split(":")[2]!;
    const outputs = shapes(classMembers(source, className));
    sdk.resources.set(resource, { token: resource, inputs: shapes(local.get(`${className}Args`)), outputs });
  }
  if (invoked) {
    const name = invoked.split(":")[2]!;
    const prefix = name[0]!.toUpperCase() + name.slice(1);
    const inputs = shapes(local.get(`${prefix}Args`));
    sdk.functions.set(invoked, { token: invoked, inputs, outputs: shapes(local.get(`${prefix}Result`)) });
  }
}

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
}

function interfacesOf(source: ts.SourceFile): Interfaces {
  const found: Interfaces = new Map();
  const visit = (node: ts.Node, namespace: string): void => {
    if (ts.isModuleDeclaration(node) && node.body) {
      ts.forEachChild(node.body, (child) => visit(child, `${namespace}${node.name.text}.`));
    } else if (ts.isInterfaceDeclaration(node)) {
      found.set(namespace + node.name.text, membersOf(node.members, source));
    }
  };
  ts.forEachChild(source, (node) => visit(node, ""));
  return found;
}

function membersOf(members: ts.NodeArray<ts.Node>, source: ts.SourceFile): Members {
  const out = new Map<string, ts.TypeNode>();
  for (const member of members) {
    if ((ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)) && member.type) {
      out.set(member.name.getText(source), member.type);
    }
  }
  return out;
}

/** A resource class declares its outputs as `readonly x: pulumi.Output<…>`. */
function classMembers(source: ts.SourceFile, className: string): Members {
  let found: Members = new Map();
  ts.forEachChild(source, (node) => {
    if (ts.isClassDeclaration(node) && node.name?.text === className) found = membersOf(node.members, source);
  });
  return new Map([...found].filter(([, type]) => nameOf(type) === "pulumi.Output"));
}

function shapesOf(members: Members, types: Types, local: Interfaces): Record<string, Shape> {
  return Object.fromEntries([...members].map(([name, type]) => [name, shapeOf(type, types, local)]));
}

function nameOf(type: ts.TypeNode): string | undefined {
  if (!ts.isTypeReferenceNode(type)) return undefined;
  const flatten = (name: ts.EntityName): string =>
    ts.isIdentifier(name) ? name.text : `${flatten(name.left)}.${name.right.text}`;
  return flatten(type.typeName);
}

function shapeOf(type: ts.TypeNode, types: Types, local: Interfaces): Shape {
  if (ts.isUnionTypeNode(type)) {
    const shapes = type.types.map((t) => shapeOf(t, types, local));
    return shapes.find((shape) => shape.kind !== "value") ?? VALUE;
  }
  if (ts.isArrayTypeNode(type)) return { kind: "list", of: shapeOf(type.elementType, types, local) };
  if (ts.isParenthesizedTypeNode(type)) return shapeOf(type.type, types, local);
  if (ts.isTypeLiteralNode(type)) return { kind: "map" };
  const name = nameOf(type);
  if (!name) return VALUE;
  const inner = ts.isTypeReferenceNode(type) ? type.typeArguments?.[0] : undefined;
  if ((name === "pulumi.Input" || name === "pulumi.Output") && inner) return shapeOf(inner, types, local);
  const [side, ...rest] = name.split(".");
  const full = rest.join(".");
  const members = side === "inputs" || side === "outputs" ? types[side].get(full) : local.get(name);
  if (!members) return VALUE;
  return { kind: "object", name: full, properties: () => shapesOf(members, types, local) };
}
