import type {
  CreateTableAsStmt,
  DeleteStmt,
  InsertStmt,
  MergeStmt,
  Node,
  SelectStmt,
  TruncateStmt,
  UpdateStmt,
} from "libpg-query";
import type { Catalog } from "../catalog";
import { type Call, unknownCalls } from "./functions";
import { settingRule } from "./settings";
import { type Judge, one, open, type Verdict, walk } from "./verdict";

export const select: Judge<SelectStmt> = (statement, catalog) => {
  const into = statement.intoClause?.rel;
  if (into) return [...one("table-create", catalog.createTable(into, true)), ...inside(statement, catalog)];
  const locks = statement.lockingClause ? one("table-lock") : [];
  const found = [...locks, ...inside(statement, catalog)];
  return found.length > 0 ? found : one("read-only");
};

export const createTableAs: Judge<CreateTableAsStmt> = (statement, catalog) => {
  const into = statement.into?.rel;
  const certain = statement.if_not_exists !== true;
  const view = statement.objtype === "OBJECT_MATVIEW";
  const name = into && !view ? catalog.createTable(into, certain) : catalog.nameOf(into);
  if (view) {
    catalog.create("view", name, certain);
    catalog.views.add(name);
  }
  return [...one(view ? "view-create" : "table-create", name), ...inside(statement.query, catalog)];
};

export const insert: Judge<InsertStmt> = (statement, catalog) => {
  const table = catalog.nameOf(statement.relation);
  const nested = inside({ ...statement, relation: undefined }, catalog);
  if (catalog.isNew("table", table)) return [...one("object-of-this-release", table), ...nested];
  const conflict = statement.onConflictClause;
  if (conflict?.action === "ONCONFLICT_UPDATE") return [...one("update", table), ...nested];
  return [...one("insert", table), ...nested];
};

export const update: Judge<UpdateStmt> = (statement, catalog) => {
  const table = catalog.nameOf(statement.relation);
  const nested = inside({ ...statement, relation: undefined }, catalog);
  if (catalog.isNew("table", table)) return [...one("object-of-this-release", table), ...nested];
  const columns = (statement.targetList ?? []).map((node) => String(open(node).body.name ?? ""));
  const fresh = columns.every((column) => catalog.isNewColumn(table, column));
  const all = meansAll(statement.whereClause);
  const rule = `update${fresh ? "-new-column" : ""}${all ? "-all" : ""}`;
  return [...one(rule, table), ...nested];
};

export const remove: Judge<DeleteStmt> = (statement, catalog) => {
  const table = catalog.nameOf(statement.relation);
  const nested = inside({ ...statement, relation: undefined }, catalog);
  if (catalog.isNew("table", table)) return [...one("object-of-this-release", table), ...nested];
  return [...one(meansAll(statement.whereClause) ? "delete-all" : "delete", table), ...nested];
};

export const merge: Judge<MergeStmt> = (statement, catalog) => {
  const table = catalog.nameOf(statement.relation);
  return one(catalog.isNew("table", table) ? "object-of-this-release" : "merge", table);
};

export const truncate: Judge<TruncateStmt> = (statement, catalog) =>
  (statement.relations ?? []).flatMap((node) => {
    const table = catalog.nameOf("RangeVar" in node ? node.RangeVar : undefined);
    // With CASCADE it reaches tables that refer to it, and those may be older.
    const harmless = catalog.isNew("table", table) && statement.behavior !== "DROP_CASCADE";
    return one(harmless ? "object-of-this-release" : "truncate", table);
  });

/** A WHERE that is missing or a constant takes every row. */
function meansAll(where: Node | undefined): boolean {
  if (!where) return true;
  let looks = false;
  walk(where, (kind) => {
    if (kind === "ColumnRef" || kind === "SubLink" || kind === "CurrentOfExpr") looks = true;
  });
  return !looks;
}

/** Changes in a WITH, and calls of functions of which nothing is known. */
export function inside(tree: unknown, catalog: Catalog): Verdict[] {
  const verdicts: Verdict[] = [];
  walk({ tree }, (kind, body) => {
    if (kind !== "CommonTableExpr") return;
    const query = body.ctequery as Node | undefined;
    if (!query) return;
    const changing = open(query);
    const judge = CHANGING[changing.kind];
    if (judge) verdicts.push(...judge(changing.body as never, catalog));
  });
  // A change inside a WITH is visited by its own judge, calls included.
  return [...verdicts, ...unknownCalls(withoutChanges(tree)).map((call) => judgeCall(call, catalog))];
}

const CHANGING: Record<string, Judge<never>> = {
  InsertStmt: insert as Judge<never>,
  UpdateStmt: update as Judge<never>,
  DeleteStmt: remove as Judge<never>,
  MergeStmt: merge as Judge<never>,
};

function withoutChanges(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree ?? null), (key, value) => (key in CHANGING ? undefined : value));
}

/** `set_config` with plain texts is a SET in other words; dumps begin with one. */
function judgeCall(call: Call, catalog: Catalog): Verdict {
  const unknown = { rule: "function-call", subject: call.name, at: call.at };
  if (call.name !== "set_config") return unknown;
  const [name, value] = ((call.body.args ?? []) as Node[]).map((arg) =>
    "A_Const" in arg ? arg.A_Const.sval?.sval : undefined,
  );
  if (name === undefined) return unknown;
  return { rule: settingRule(name, [value ?? ""], catalog), subject: name, at: call.at };
}
