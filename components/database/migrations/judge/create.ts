import type {
  CreateEnumStmt,
  CreateFunctionStmt,
  CreateSchemaStmt,
  CreateSeqStmt,
  CreateStmt,
  CreateTrigStmt,
  IndexStmt,
  Node,
  RefreshMatViewStmt,
  RuleStmt,
  ViewStmt,
} from "libpg-query";
import { type Catalog, strings, typeOf } from "../catalog";
import { constraintOf, noteConstraint } from "./alter-table";
import { inside } from "./data";
import { type Judge, one, type Verdict } from "./verdict";

export const createTable: Judge<CreateStmt> = (statement, catalog) => {
  if (!statement.relation) return one("unknown");
  const certain = statement.if_not_exists !== true;
  const name = catalog.createTable(statement.relation, certain);
  for (const element of statement.tableElts ?? []) {
    if ("Constraint" in element) noteConstraint(name, constraintOf(element), catalog);
    if (!("ColumnDef" in element)) continue;
    const column = element.ColumnDef;
    catalog.createColumn(name, column.colname ?? "?", typeOf(column.typeName), certain);
    for (const node of column.constraints ?? []) {
      noteConstraint(name, constraintOf(node), catalog, column.colname);
    }
  }
  const parents = (statement.inhRelations ?? []).map((node) =>
    catalog.nameOf("RangeVar" in node ? node.RangeVar : undefined),
  );
  const older = parents.find((parent) => !catalog.isNew("table", parent));
  if (older && statement.partbound) return one("partition-create", older);
  return older ? one("table-inherit", older) : one("table-create", name);
};

export const createIndex: Judge<IndexStmt> = (statement, catalog) => {
  const table = catalog.nameOf(statement.relation);
  const schema = table.slice(0, table.indexOf("."));
  const name = `${schema}.${statement.idxname ?? ""}`;
  catalog.indexes.set(name, { table, unique: statement.unique === true });
  const fresh = catalog.isNew("table", table) || catalog.isNew("view", table);
  if (fresh) return one("object-of-this-release", table);
  return one(statement.concurrent ? "index-concurrently" : "index-blocking", table);
};

export const createView: Judge<ViewStmt> = (statement, catalog) => {
  const name = catalog.nameOf(statement.view);
  const mayExist = statement.replace === true && (!catalog.complete || catalog.views.has(name));
  const fresh = catalog.isNew("view", name);
  if (!mayExist) catalog.create("view", name);
  catalog.views.add(name);
  const nested = inside(statement.query, catalog).filter(({ rule }) => rule !== "function-call");
  if (mayExist && fresh) return [...one("object-of-this-release", name), ...nested];
  return [...one(mayExist ? "view-replace" : "view-create", name), ...nested];
};

export const refreshView: Judge<RefreshMatViewStmt> = (statement, catalog) => {
  const name = catalog.nameOf(statement.relation);
  if (catalog.isNew("view", name)) return one("object-of-this-release", name);
  return one(statement.concurrent ? "view-refresh-concurrently" : "view-refresh", name);
};

export const createFunction: Judge<CreateFunctionStmt> = (statement, catalog) => {
  const name = catalog.nameFrom(strings(statement.funcname));
  const signature = parameterTypes(statement);
  const known = catalog.functions.get(name);
  const fresh = catalog.isNew("function", name);
  catalog.functions.set(name, new Set([...(known ?? []), signature]));
  if (fresh) return one("object-of-this-release", name);
  if (!known && (statement.replace !== true || catalog.complete)) {
    catalog.create("function", name);
    return one("function-create", name);
  }
  if (known && !known.has(signature)) return one("function-overload", name);
  return one("function-replace", name);
};

/** What tells one function from another of the same name: the types of its input parameters. */
function parameterTypes(statement: CreateFunctionStmt): string {
  return (statement.parameters ?? [])
    .flatMap((node) => {
      if (!("FunctionParameter" in node)) return [];
      const { mode, argType } = node.FunctionParameter;
      if (mode === "FUNC_PARAM_OUT" || mode === "FUNC_PARAM_TABLE") return [];
      const type = typeOf(argType);
      return [`${strings(argType?.names).slice(0, -1).join(".")}.${type?.name}${type?.array ? "[]" : ""}`];
    })
    .join(",");
}

export const createTrigger: Judge<CreateTrigStmt> = (statement, catalog) => {
  const table = catalog.nameOf(statement.relation);
  return one(catalog.isNew("table", table) ? "object-of-this-release" : "trigger-create", table);
};

export const createRule: Judge<RuleStmt> = (statement, catalog) => {
  const table = catalog.nameOf(statement.relation);
  return one(catalog.isNew("table", table) ? "object-of-this-release" : "rule-create", table);
};

export const createSequence: Judge<CreateSeqStmt> = (statement, catalog) => {
  const name = catalog.nameOf(statement.sequence);
  catalog.create("sequence", name, statement.if_not_exists !== true);
  return one("sequence-create", name);
};

/** CREATE TYPE in its forms; `names` tells where the name stands. */
export const createType =
  <Body>(names: (body: Body, catalog: Catalog) => string): Judge<Body> =>
  (body, catalog) => {
    const name = names(body, catalog);
    catalog.create("type", name);
    return one("type-create", name);
  };

export const enumName = (body: CreateEnumStmt, catalog: Catalog) => catalog.nameFrom(strings(body.typeName));

/** Statements that stand inside CREATE SCHEMA are judged by whoever judges statements. */
export const createSchema =
  (judge: (node: Node, catalog: Catalog) => Verdict[]): Judge<CreateSchemaStmt> =>
  (statement, catalog) => {
    const name = statement.schemaname ?? "?";
    catalog.create("schema", name, statement.if_not_exists !== true);
    return [
      ...one("schema-create", name),
      ...(statement.schemaElts ?? []).flatMap((node) => judge(inSchema(node, name), catalog)),
    ];
  };

/** Names inside CREATE SCHEMA belong to it. */
function inSchema(node: Node, schema: string): Node {
  return JSON.parse(JSON.stringify(node), (key, value) =>
    (key === "relation" || key === "view" || key === "sequence") && value?.relname && !value.schemaname
      ? { ...value, schemaname: schema }
      : value,
  );
}
