import type {
  AlterEnumStmt,
  AlterSeqStmt,
  CompositeTypeStmt,
  CreateDomainStmt,
  CreateRangeStmt,
  DefElem,
  DefineStmt,
  DiscardStmt,
  ExplainStmt,
  GrantStmt,
  IndexStmt,
  Node,
  RangeVar,
  ReindexStmt,
  VacuumStmt,
} from "libpg-query";
import { type Catalog, strings } from "../catalog";
import { alterTable } from "./alter-table";
import * as create from "./create";
import * as data from "./data";
import * as remove from "./remove";
import { set } from "./settings";
import { type Judge, one, open, type Verdict } from "./verdict";

export type { Verdict } from "./verdict";

/** Statements that fall under one rule whatever they say. */
const BY_KIND: Record<string, string> = {
  TransactionStmt: "transaction",
  VariableShowStmt: "read-only",
  ConstraintsSetStmt: "session-setting",
  DeallocateStmt: "session-setting",
  ListenStmt: "session-setting",
  UnlistenStmt: "session-setting",
  CommentStmt: "comment",
  CreateStatsStmt: "statistics",
  AlterStatsStmt: "statistics",
  ClusterStmt: "table-cluster",
  LockStmt: "table-lock",
  AlterDomainStmt: "type-alter",
  AlterTypeStmt: "type-alter",
  CreateExtensionStmt: "extension-create",
  AlterFunctionStmt: "function-replace",
  DropRoleStmt: "role-change",
  AlterRoleSetStmt: "role-change",
  DropOwnedStmt: "object-drop",
  ReassignOwnedStmt: "owner-change",
  DoStmt: "dynamic-sql",
  CallStmt: "dynamic-sql",
  PrepareStmt: "dynamic-sql",
  ExecuteStmt: "dynamic-sql",
  CopyStmt: "copy",
  CreatedbStmt: "server-wide",
  DropdbStmt: "server-wide",
  AlterDatabaseStmt: "server-wide",
  AlterDatabaseSetStmt: "server-wide",
  AlterDatabaseRefreshCollStmt: "server-wide",
  AlterSystemStmt: "server-wide",
  CreateTableSpaceStmt: "server-wide",
  DropTableSpaceStmt: "server-wide",
  AlterTableSpaceOptionsStmt: "server-wide",
  LoadStmt: "server-wide",
  CheckPointStmt: "server-wide",
};

// biome-ignore lint/suspicious/noExplicitAny: each judge takes the body that goes with its kind
const BY_LOOK: Record<string, Judge<any>> = {
  AlterTableStmt: alterTable,
  CreateStmt: create.createTable,
  CreateForeignTableStmt: (body, catalog) => create.createTable(body.base ?? body.baseStmt ?? {}, catalog),
  IndexStmt: create.createIndex,
  ViewStmt: create.createView,
  RefreshMatViewStmt: create.refreshView,
  CreateFunctionStmt: create.createFunction,
  CreateTrigStmt: create.createTrigger,
  RuleStmt: create.createRule,
  CreateSeqStmt: create.createSequence,
  CreateEnumStmt: create.createType(create.enumName),
  CreateRangeStmt: create.createType((body: CreateRangeStmt, catalog) =>
    catalog.nameFrom(strings(body.typeName)),
  ),
  CreateDomainStmt: create.createType((body: CreateDomainStmt, catalog) =>
    catalog.nameFrom(strings(body.domainname)),
  ),
  CompositeTypeStmt: create.createType((body: CompositeTypeStmt, catalog) => catalog.nameOf(body.typevar)),
  CreateSchemaStmt: create.createSchema(judgeNode),
  DropStmt: remove.drop,
  RenameStmt: remove.rename,
  AlterObjectSchemaStmt: remove.setSchema,
  AlterOwnerStmt: remove.setOwner,
  SelectStmt: data.select,
  CreateTableAsStmt: data.createTableAs,
  InsertStmt: data.insert,
  UpdateStmt: data.update,
  DeleteStmt: data.remove,
  MergeStmt: data.merge,
  TruncateStmt: data.truncate,
  VariableSetStmt: set,
  DefineStmt: (body: DefineStmt) => one(body.kind === "OBJECT_TYPE" ? "type-create" : "unknown"),
  AlterEnumStmt: (body: AlterEnumStmt, catalog) => {
    const name = catalog.nameFrom(strings(body.typeName));
    if (catalog.isNew("type", name)) return one("object-of-this-release", name);
    return one(body.oldVal === undefined ? "enum-add-value" : "enum-rename-value", name);
  },
  AlterSeqStmt: (body: AlterSeqStmt, catalog) => {
    const name = catalog.nameOf(body.sequence);
    if (catalog.isNew("sequence", name)) return one("object-of-this-release", name);
    const owned = (body.options ?? []).every((option) => optionName(option) === "owned_by");
    return one(owned ? "table-settings" : "sequence-alter", name);
  },
  VacuumStmt: (body: VacuumStmt) => {
    if (!body.is_vacuumcmd) return one("statistics");
    return one((body.options ?? []).some((o) => optionName(o) === "full") ? "table-cluster" : "vacuum");
  },
  ReindexStmt: (body: ReindexStmt) => {
    if (body.kind !== "REINDEX_OBJECT_INDEX" && body.kind !== "REINDEX_OBJECT_TABLE") return one("unknown");
    return one(isConcurrent(body) ? "reindex-concurrently" : "reindex");
  },
  GrantStmt: grant,
  GrantRoleStmt: (body) => one(body.is_grant ? "grant" : "revoke"),
  AlterDefaultPrivilegesStmt: (body) => one(body.action?.is_grant ? "grant" : "revoke"),
  CreateRoleStmt: (body) => one(hasPassword(body.options) ? "password" : "role-create", body.role),
  AlterRoleStmt: (body) => one(hasPassword(body.options) ? "password" : "role-change"),
  CreatePolicyStmt: policy,
  AlterPolicyStmt: policy,
  DiscardStmt: (body: DiscardStmt) =>
    one(body.target === "DISCARD_ALL" ? "lock-timeout-off" : "session-setting"),
  ExplainStmt: (body: ExplainStmt, catalog) => {
    // With ANALYZE it runs the statement.
    const runs = (body.options ?? []).some((option) => optionName(option) === "analyze");
    return runs && body.query ? judgeNode(body.query, catalog) : one("read-only");
  },
};

export function judgeNode(node: Node, catalog: Catalog): Verdict[] {
  const { kind, body } = open(node);
  const look = BY_LOOK[kind];
  if (look) return look(body, catalog);
  const rule = BY_KIND[kind] ?? "unknown";
  // What it makes stands in none of the migrations from here on.
  if (rule === "dynamic-sql" || rule === "extension-create") catalog.complete = false;
  return one(rule);
}

function grant(body: GrantStmt, catalog: Catalog): Verdict[] {
  if (body.is_grant) return one("grant");
  const objects = body.objects ?? [];
  const fresh = objects.every(
    (object) => "RangeVar" in object && catalog.isNew("table", catalog.nameOf(object.RangeVar)),
  );
  return one(fresh && objects.length > 0 ? "object-of-this-release" : "revoke");
}

function policy(body: { table?: RangeVar }, catalog: Catalog): Verdict[] {
  const table = catalog.nameOf(body.table);
  return one(catalog.isNew("table", table) ? "object-of-this-release" : "policy-change", table);
}

function optionName(node: Node): string {
  return "DefElem" in node ? (node.DefElem.defname ?? "") : "";
}

function hasPassword(options: readonly Node[] | undefined): boolean {
  return (options ?? []).some((node) => {
    const { defname, arg }: DefElem = "DefElem" in node ? node.DefElem : {};
    return defname === "password" && arg !== undefined;
  });
}

function isConcurrent(body: ReindexStmt): boolean {
  return (body.params ?? []).some((option) => optionName(option) === "concurrently");
}

/** True for what PostgreSQL refuses inside a transaction. */
export function runsOutsideTransaction(node: Node): boolean {
  if ("IndexStmt" in node) return node.IndexStmt.concurrent === true;
  if ("DropStmt" in node) return node.DropStmt.concurrent === true;
  if ("ReindexStmt" in node) return isConcurrent(node.ReindexStmt);
  if ("VacuumStmt" in node) return node.VacuumStmt.is_vacuumcmd === true;
  if ("ClusterStmt" in node) return true;
  if (!("AlterTableStmt" in node)) return false;
  return (node.AlterTableStmt.cmds ?? []).some((command) => {
    const def = "AlterTableCmd" in command ? command.AlterTableCmd.def : undefined;
    return def !== undefined && "PartitionCmd" in def && def.PartitionCmd.concurrent === true;
  });
}

/** Schema and name of the index that the statement builds concurrently. */
export function concurrentIndex(node: Node, catalog: Catalog): string | undefined {
  const statement: IndexStmt | undefined = "IndexStmt" in node ? node.IndexStmt : undefined;
  if (!statement?.concurrent || !statement.idxname) return undefined;
  const table = catalog.nameOf(statement.relation);
  return `${table.slice(0, table.indexOf("."))}.${statement.idxname}`;
}
