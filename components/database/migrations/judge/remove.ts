import type { AlterObjectSchemaStmt, AlterOwnerStmt, DropStmt, Node, RenameStmt } from "libpg-query";
import { type Catalog, type Kind, strings } from "../catalog";
import { type Judge, one, open } from "./verdict";

/** Kinds of objects that the catalog knows whether the release has made them. */
const KIND: Record<string, Kind> = {
  OBJECT_TABLE: "table",
  OBJECT_FOREIGN_TABLE: "table",
  OBJECT_VIEW: "view",
  OBJECT_MATVIEW: "view",
  OBJECT_SEQUENCE: "sequence",
  OBJECT_TYPE: "type",
  OBJECT_DOMAIN: "type",
  OBJECT_SCHEMA: "schema",
  OBJECT_FUNCTION: "function",
  OBJECT_PROCEDURE: "function",
};

/** Objects of these kinds belong to a table, whose name stands before theirs. */
const OF_A_TABLE = new Set(["OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"]);

export const drop: Judge<DropStmt> = (statement, catalog) =>
  (statement.objects ?? []).flatMap((object) => {
    const type = statement.removeType ?? "";
    const parts = namesOf(object);
    if (type === "OBJECT_INDEX") return dropIndex(catalog, parts, statement.concurrent === true);
    if (OF_A_TABLE.has(type)) {
      const table = catalog.nameFrom(parts.slice(0, -1));
      const rule = catalog.isNew("table", table) ? "object-of-this-release" : "object-drop";
      return one(rule, `${table}.${parts.at(-1)}`);
    }
    const kind = KIND[type];
    const name = type === "OBJECT_SCHEMA" ? (parts[0] ?? "?") : catalog.nameFrom(parts);
    const fresh = kind !== undefined && catalog.isNew(kind, name);
    if (kind) catalog.forget(kind, name);
    if (kind === "function") catalog.functions.delete(name);
    if (fresh) return one("object-of-this-release", name);
    return one(kind === "table" ? "table-drop" : "object-drop", name);
  });

function dropIndex(catalog: Catalog, parts: readonly string[], concurrent: boolean) {
  const name = catalog.nameFrom(parts);
  const known = catalog.indexes.get(name);
  catalog.indexes.delete(name);
  if (known && catalog.isNew("table", known.table)) return one("object-of-this-release", name);
  if (!known || known.unique) return one("index-drop-unique", name);
  return one(concurrent ? "index-drop-concurrently" : "index-drop", name);
}

function namesOf(object: Node): string[] {
  const { kind, body } = open(object);
  if (kind === "List") return strings(body.items as Node[]);
  if (kind === "String") return [String(body.sval ?? "")];
  if (kind === "TypeName") return strings(body.names as Node[]);
  return strings(body.objname as Node[]);
}

/** Objects that no statement of an application names. */
const INTERNAL = new Set(["OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"]);

export const rename: Judge<RenameStmt> = (statement, catalog) => {
  const name = catalog.nameOf(statement.relation);
  const type = statement.renameType ?? "";
  if (type === "OBJECT_COLUMN") return renameColumn(statement, name, catalog);
  // PostgreSQL takes ALTER INDEX for a table as well.
  if (type === "OBJECT_TABLE" || (type === "OBJECT_INDEX" && catalog.tables.has(name))) {
    const fresh = catalog.isNew("table", name);
    catalog.renameTable(name, `${name.slice(0, name.indexOf("."))}.${statement.newname}`);
    return one(fresh ? "object-of-this-release" : "table-rename", name);
  }
  if (type === "OBJECT_INDEX" || INTERNAL.has(type)) return renameInternal(statement, name, catalog);
  if (type === "OBJECT_ATTRIBUTE") return one("type-alter", name);
  const kind = KIND[type];
  if (kind && statement.relation && catalog.isNew(kind, name)) return one("object-of-this-release", name);
  return one("object-rename", statement.relation ? name : statement.subname);
};

function renameColumn(statement: RenameStmt, table: string, catalog: Catalog) {
  const from = statement.subname ?? "?";
  const type = catalog.tables.get(table)?.get(from);
  const fresh = catalog.isNew("table", table) || catalog.isNewColumn(table, from);
  catalog.dropColumn(table, from);
  catalog.createColumn(table, statement.newname ?? "?", type, fresh);
  return one(fresh ? "object-of-this-release" : "column-rename", `${table}.${from}`);
}

function renameInternal(statement: RenameStmt, name: string, catalog: Catalog) {
  if (statement.renameType === "OBJECT_TABCONSTRAINT") {
    const known = catalog.constraints.get(`${name} ${statement.subname}`);
    catalog.constraints.delete(`${name} ${statement.subname}`);
    if (known) catalog.constraints.set(`${name} ${statement.newname}`, known);
  }
  if (statement.renameType === "OBJECT_INDEX") {
    const known = catalog.indexes.get(name);
    catalog.indexes.delete(name);
    if (known) catalog.indexes.set(`${name.slice(0, name.indexOf("."))}.${statement.newname}`, known);
  }
  return one("internal-rename", name);
}

export const setSchema: Judge<AlterObjectSchemaStmt> = (statement, catalog) => {
  const name = statement.relation ? catalog.nameOf(statement.relation) : undefined;
  const kind = KIND[statement.objectType ?? ""];
  const fresh = kind !== undefined && name !== undefined && catalog.isNew(kind, name);
  if (!fresh) return one("schema-change", name);
  catalog.forget(kind, name);
  catalog.create(kind, `${statement.newschema}.${name.slice(name.indexOf(".") + 1)}`);
  return one("object-of-this-release", name);
};

export const setOwner: Judge<AlterOwnerStmt> = (statement, catalog) => {
  const name = statement.relation ? catalog.nameOf(statement.relation) : undefined;
  const kind = KIND[statement.objectType ?? ""];
  const fresh = kind !== undefined && name !== undefined && catalog.isNew(kind, name);
  return one(fresh ? "object-of-this-release" : "owner-change", name);
};
