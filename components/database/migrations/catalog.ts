import type { Node, RangeVar, TypeName } from "libpg-query";

/** A type as it is written: `varchar(20)` is `{ name: "varchar", mods: [20] }`. */
export interface ColumnType {
  readonly name: string;
  readonly mods: readonly number[];
  readonly array: boolean;
}

export interface KnownConstraint {
  readonly kind: "check" | "foreign" | "key" | "not-null" | "other";
  /** Columns that a CHECK (… IS NOT NULL) forbids to be null. */
  readonly notNull: readonly string[];
  validated: boolean;
  /** The migration that adds it. */
  readonly script: string;
}

/**
 * What the migrations read so far have made, as far as their text tells. Objects are known by schema and name, so that
 * a changed `search_path` hides nothing.
 */
export class Catalog {
  readonly tables = new Map<string, Map<string, ColumnType>>();
  readonly constraints = new Map<string, KnownConstraint>();
  readonly indexes = new Map<string, { table: string; unique: boolean }>();
  readonly views = new Set<string>();
  /** Signatures by name. */
  readonly functions = new Map<string, Set<string>>();
  /** `kind schema.name` of what the release itself creates. */
  private readonly created = new Set<string>();
  private readonly createdColumns = new Set<string>();
  private temporary = new Set<string>();
  private path = "public";
  /** The migration being read. */
  script = "";
  /** True while reading migrations of the release; false for those applied before. */
  ofRelease = false;

  /**
   * @param complete False where the database has parts that no migration made, so that an unknown object may well exist.
   */
  constructor(public complete: boolean) {}

  /** Each file runs in a session of its own: settings and temporary tables do not outlive it. */
  beginFile(script: string, ofRelease: boolean): void {
    this.script = script;
    this.ofRelease = ofRelease;
    this.path = "public";
    this.temporary = new Set();
  }

  setSearchPath(first: string | undefined): void {
    this.path = first && first !== "$user" ? first : "public";
  }

  /** Schema and name of a relation. A temporary table hides another of the same name. */
  nameOf(relation: Pick<RangeVar, "schemaname" | "relname"> | undefined): string {
    const name = relation?.relname ?? "?";
    if (relation?.schemaname) return `${relation.schemaname}.${name}`;
    return this.temporary.has(name) ? `pg_temp.${name}` : `${this.path}.${name}`;
  }

  /** Schema and name from a list of identifiers, as types, functions and dropped objects have them. */
  nameFrom(parts: readonly string[]): string {
    return this.nameOf({
      relname: parts.at(-1) ?? "?",
      ...(parts.length > 1 ? { schemaname: parts.at(-2)! } : {}),
    });
  }

  /** @param certain False after IF NOT EXISTS: it may have been there before. */
  create(kind: Kind, name: string, certain = true): void {
    if (this.ofRelease && certain) this.created.add(`${kind} ${name}`);
  }

  isNew(kind: Kind, name: string): boolean {
    if (name.startsWith("pg_temp.")) return true;
    const schema = name.slice(0, name.indexOf("."));
    return this.created.has(`${kind} ${name}`) || (kind !== "schema" && this.isNew("schema", schema));
  }

  forget(kind: Kind, name: string): void {
    this.created.delete(`${kind} ${name}`);
    if (kind === "table") this.tables.delete(name);
    if (kind === "view") this.views.delete(name);
  }

  createTable(relation: RangeVar, certain: boolean): string {
    if (relation.relpersistence === "t" && !relation.schemaname) this.temporary.add(relation.relname ?? "");
    const name = this.nameOf(relation);
    this.create("table", name, certain);
    if (certain || !this.tables.has(name)) this.tables.set(name, new Map());
    return name;
  }

  createColumn(table: string, column: string, type: ColumnType | undefined, certain = true): void {
    const columns = this.tables.get(table) ?? new Map<string, ColumnType>();
    if (type && (certain || !columns.has(column))) columns.set(column, type);
    this.tables.set(table, columns);
    if (this.ofRelease && certain) this.createdColumns.add(`${table}.${column}`);
  }

  isNewColumn(table: string, column: string): boolean {
    return this.createdColumns.has(`${table}.${column}`);
  }

  renameTable(from: string, to: string): void {
    const columns = this.tables.get(from);
    if (this.isNew("table", from)) this.create("table", to);
    this.forget("table", from);
    if (columns) this.tables.set(to, columns);
  }

  dropColumn(table: string, column: string): void {
    this.tables.get(table)?.delete(column);
    this.createdColumns.delete(`${table}.${column}`);
  }
}

export type Kind = "table" | "view" | "type" | "sequence" | "schema" | "function" | "index" | "column";

export function typeOf(name: TypeName | undefined): ColumnType | undefined {
  const last = strings(name?.names).at(-1);
  if (!name || !last) return undefined;
  const mods = (name.typmods ?? []).flatMap((mod) => {
    const value = "A_Const" in mod ? mod.A_Const.ival : undefined;
    return value ? [value.ival ?? 0] : [];
  });
  return { name: last, mods, array: (name.arrayBounds ?? []).length > 0 };
}

/** Texts of a list of string nodes. */
export function strings(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) => ("String" in node ? [node.String.sval ?? ""] : []));
}

/** True when every value of the former type fits the new one and PostgreSQL neither rewrites nor checks the table. */
export function widens(from: ColumnType, to: ColumnType): boolean {
  if (from.array !== to.array) return false;
  if (from.name !== to.name) {
    if (to.mods.length > 0) return false;
    return `${from.name} ${to.name}` === "varchar text" || `${from.name} ${to.name}` === "text varchar";
  }
  if (to.mods.length === 0) return from.name !== "bpchar" && from.name !== "bit";
  if (from.mods.length === 0) return false;
  if (from.name === "numeric") {
    return (to.mods[0] ?? 0) >= (from.mods[0] ?? 0) && (to.mods[1] ?? 0) === (from.mods[1] ?? 0);
  }
  if (!["varchar", "varbit", "timestamp", "timestamptz", "time", "timetz"].includes(from.name)) {
    return sameMods(from, to);
  }
  return (to.mods[0] ?? 0) >= (from.mods[0] ?? 0);
}

function sameMods(a: ColumnType, b: ColumnType): boolean {
  return a.mods.length === b.mods.length && a.mods.every((mod, index) => mod === b.mods[index]);
}
