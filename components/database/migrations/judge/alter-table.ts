import type { AlterTableCmd, AlterTableStmt, ColumnDef, Constraint, Node, RangeVar } from "libpg-query";
import { type Catalog, strings, typeOf, widens } from "../catalog";
import { isVolatile } from "./functions";
import { type Judge, one, open, type Verdict } from "./verdict";

/** Commands of ALTER TABLE whose rule does not depend on anything else. */
const BY_COMMAND: Record<string, string> = {
  AT_DropNotNull: "column-drop-not-null",
  AT_SetStatistics: "table-settings",
  AT_SetOptions: "table-settings",
  AT_ResetOptions: "table-settings",
  AT_SetStorage: "table-settings",
  AT_SetCompression: "table-settings",
  AT_SetRelOptions: "table-settings",
  AT_ResetRelOptions: "table-settings",
  AT_ClusterOn: "table-settings",
  AT_DropCluster: "table-settings",
  AT_ReplicaIdentity: "table-settings",
  AT_SetLogged: "table-rewrite",
  AT_SetUnLogged: "table-rewrite",
  AT_SetAccessMethod: "table-rewrite",
  AT_SetTableSpace: "table-rewrite",
  AT_AttachPartition: "partition-attach",
  AT_DetachPartition: "partition-detach",
  AT_DetachPartitionFinalize: "partition-detach",
  AT_ChangeOwner: "owner-change",
  AT_EnableTrig: "trigger-switch",
  AT_EnableAlwaysTrig: "trigger-switch",
  AT_EnableReplicaTrig: "trigger-switch",
  AT_EnableTrigAll: "trigger-switch",
  AT_EnableTrigUser: "trigger-switch",
  AT_DisableTrig: "trigger-switch",
  AT_DisableTrigAll: "trigger-switch",
  AT_DisableTrigUser: "trigger-switch",
  AT_EnableRule: "trigger-switch",
  AT_EnableAlwaysRule: "trigger-switch",
  AT_EnableReplicaRule: "trigger-switch",
  AT_DisableRule: "trigger-switch",
  AT_EnableRowSecurity: "row-security",
  AT_DisableRowSecurity: "row-security",
  AT_ForceRowSecurity: "row-security",
  AT_NoForceRowSecurity: "row-security",
};

/** The commands that need a look at what they say or at what is known. */
const BY_LOOK: Record<string, (table: string, command: AlterTableCmd, catalog: Catalog) => Verdict[]> = {
  AT_AddColumn: (table, command, catalog) => addColumn(table, command, catalog),
  AT_DropColumn: (table, { name = "" }, catalog) => {
    // Made and taken away again within the release: nobody has seen it.
    const rule = catalog.isNewColumn(table, name) ? "object-of-this-release" : "column-drop";
    catalog.dropColumn(table, name);
    return one(rule, `${table}.${name}`);
  },
  AT_ColumnDefault: (table, { name, def }) =>
    one(def ? "column-default" : "column-drop-default", `${table}.${name}`),
  AT_SetNotNull: (table, { name = "" }, catalog) =>
    one(notNullRule(table, name, catalog), `${table}.${name}`),
  AT_AlterColumnType: (table, command, catalog) => alterType(table, command, catalog),
  AT_AddConstraint: (table, { def }, catalog) => addConstraint(table, constraintOf(def), catalog),
  AT_ValidateConstraint: (table, { name = "" }, catalog) => validate(table, name, catalog),
  AT_DropConstraint: (table, { name = "" }, catalog) => {
    const kind = catalog.constraints.get(`${table} ${name}`)?.kind;
    catalog.constraints.delete(`${table} ${name}`);
    const loosens = kind === "check" || kind === "foreign" || kind === "not-null";
    return one(loosens ? "constraint-drop-loosen" : "constraint-drop", `${table}.${name}`);
  },
  AT_AddInherit: (table) => one("table-inherit", table),
};

export const alterTable: Judge<AlterTableStmt> = (statement, catalog) => {
  const table = catalog.nameOf(statement.relation);
  const fresh = catalog.isNew("table", table) || catalog.isNew("view", table);
  return (statement.cmds ?? []).flatMap((node) => {
    const command = "AlterTableCmd" in node ? node.AlterTableCmd : {};
    const verdicts = judgeCommand(statement, table, command, catalog);
    const at = positionOf(command.def);
    const placed = at === undefined ? verdicts : verdicts.map((verdict) => ({ at, ...verdict }));
    if (!fresh || reachesOthers(command, catalog)) return placed;
    return [{ rule: "object-of-this-release", subject: table }];
  });
};

function judgeCommand(
  statement: AlterTableStmt,
  table: string,
  command: AlterTableCmd,
  catalog: Catalog,
): Verdict[] {
  if (statement.objtype === "OBJECT_TYPE") return one("type-alter", table);
  const subtype = command.subtype ?? "";
  const look = BY_LOOK[subtype];
  if (look) return look(table, command, catalog);
  return one(BY_COMMAND[subtype] ?? "alter-other", table);
}

/** A new table may be tied to one that the running release uses: it is that one which is changed. */
function reachesOthers(command: AlterTableCmd, catalog: Catalog): boolean {
  if (!command.def) return false;
  const { kind, body } = open(command.def);
  if (command.subtype === "AT_AttachPartition" && kind === "PartitionCmd") {
    return !catalog.isNew("table", catalog.nameOf(body.name as RangeVar));
  }
  return command.subtype === "AT_AddInherit" && !catalog.isNew("table", catalog.nameOf(body as RangeVar));
}

function positionOf(def: Node | undefined): number | undefined {
  const location = def && open(def).body.location;
  return typeof location === "number" && location > 0 ? location : undefined;
}

function addColumn(table: string, command: AlterTableCmd, catalog: Catalog): Verdict[] {
  const column = command.def && "ColumnDef" in command.def ? command.def.ColumnDef : {};
  const name = column.colname ?? "?";
  const rules = addColumnRules(column);
  catalog.createColumn(table, name, typeOf(column.typeName), command.missing_ok !== true);
  for (const node of column.constraints ?? []) noteConstraint(table, constraintOf(node), catalog, name);
  return rules.map((rule) => ({ rule, subject: `${table}.${name}` }));
}

function addColumnRules(column: ColumnDef): string[] {
  const constraints = (column.constraints ?? []).map(constraintOf);
  const has = (type: string) => constraints.some(({ contype }) => contype === type);
  const value = constraints.find(({ contype }) => contype === "CONSTR_DEFAULT")?.raw_expr;
  const type = typeOf(column.typeName)?.name ?? "";
  const filled =
    has("CONSTR_IDENTITY") || constraints.some(isStored) || /^(small|big)?serial[248]?$/.test(type);
  const rules: string[] = [];
  const required = has("CONSTR_NOTNULL") || has("CONSTR_PRIMARY");
  if (required && !filled && (!value || isNull(value))) rules.push("column-add-not-null");
  if (filled || (value && isVolatile(value))) rules.push("column-add-rewrite");
  if (["CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_CHECK", "CONSTR_FOREIGN"].some(has)) {
    rules.push("column-add-constraint");
  }
  return rules.length > 0 ? rules : ["column-add"];
}

/** Computed and kept in the row, as opposed to computed when read (from PostgreSQL 18 on). */
function isStored({ contype, generated_kind }: Constraint): boolean {
  return contype === "CONSTR_GENERATED" && generated_kind !== "v";
}

function isNull(expression: Node): boolean {
  if ("TypeCast" in expression && expression.TypeCast.arg) return isNull(expression.TypeCast.arg);
  return "A_Const" in expression && expression.A_Const.isnull === true;
}

function notNullRule(table: string, column: string, catalog: Catalog): string {
  for (const [key, known] of catalog.constraints) {
    if (key.startsWith(`${table} `) && known.validated && known.notNull.includes(column)) {
      return "column-not-null-checked";
    }
  }
  return "column-not-null";
}

function alterType(table: string, command: AlterTableCmd, catalog: Catalog): Verdict[] {
  const column = command.def && "ColumnDef" in command.def ? command.def.ColumnDef : {};
  const name = command.name ?? "?";
  const subject = `${table}.${name}`;
  const before = catalog.tables.get(table)?.get(name);
  const after = typeOf(column.typeName);
  if (after) catalog.tables.get(table)?.set(name, after);
  if (column.raw_default || column.collClause || !after) return one("column-type", subject);
  if (!before) return one("column-type-unknown", subject);
  return one(widens(before, after) ? "column-type-widen" : "column-type", subject);
}

export function constraintOf(node: Node | undefined): Constraint {
  return node && "Constraint" in node ? node.Constraint : {};
}

function addConstraint(table: string, constraint: Constraint, catalog: Catalog): Verdict[] {
  noteConstraint(table, constraint, catalog);
  const subject = `${table}${constraint.conname ? `.${constraint.conname}` : ""}`;
  const unchecked = constraint.skip_validation === true;
  switch (constraint.contype) {
    case "CONSTR_CHECK":
    case "CONSTR_FOREIGN":
      return one(unchecked ? "constraint-not-valid" : "constraint-validated", subject);
    case "CONSTR_NOTNULL":
      return one(unchecked ? "constraint-not-valid" : "column-not-null", subject);
    case "CONSTR_PRIMARY":
    case "CONSTR_UNIQUE":
      return one(constraint.indexname ? "constraint-using-index" : "constraint-index-built", subject);
    case "CONSTR_EXCLUSION":
      return one("constraint-index-built", subject);
    default:
      return one("alter-other", subject);
  }
}

function validate(table: string, name: string, catalog: Catalog): Verdict[] {
  const known = catalog.constraints.get(`${table} ${name}`);
  // The lock of ADD CONSTRAINT is held to the end of the file, so here the rows are read under it after all.
  const underLock = known?.script === catalog.script && !known.validated;
  if (known) known.validated = true;
  return one(underLock ? "constraint-validated" : "constraint-validate", `${table}.${name}`);
}

const KINDS = {
  CONSTR_CHECK: ["check", "check"],
  CONSTR_FOREIGN: ["foreign", "fkey"],
  CONSTR_NOTNULL: ["not-null", "not_null"],
  CONSTR_PRIMARY: ["key", "pkey"],
  CONSTR_UNIQUE: ["key", "key"],
  CONSTR_EXCLUSION: ["key", "excl"],
} as const;

/** Notes a constraint under its name, or under the one that PostgreSQL gives it. */
export function noteConstraint(
  table: string,
  constraint: Constraint,
  catalog: Catalog,
  column?: string,
): void {
  const known = KINDS[constraint.contype as keyof typeof KINDS];
  if (!known) return;
  const [kind, suffix] = known;
  const of = kind === "key" && suffix === "pkey" ? undefined : (column ?? strings(constraint.fk_attrs)[0]);
  const given = [table.split(".").pop(), of, suffix].filter((part) => part !== undefined).join("_");
  catalog.constraints.set(`${table} ${constraint.conname ?? given}`, {
    kind,
    notNull: kind === "check" ? notNullColumns(constraint.raw_expr) : [],
    validated: constraint.skip_validation !== true,
    script: catalog.script,
  });
}

/** Columns of `a IS NOT NULL AND b IS NOT NULL`. */
function notNullColumns(expression: Node | undefined): string[] {
  if (!expression) return [];
  if ("BoolExpr" in expression && expression.BoolExpr.boolop === "AND_EXPR") {
    return (expression.BoolExpr.args ?? []).flatMap(notNullColumns);
  }
  if (!("NullTest" in expression) || expression.NullTest.nulltesttype !== "IS_NOT_NULL") return [];
  const arg = expression.NullTest.arg;
  return arg && "ColumnRef" in arg ? strings(arg.ColumnRef.fields).slice(-1) : [];
}
