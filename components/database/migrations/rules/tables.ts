import type { Rule } from "../types";

const ORDERS =
  "CREATE TABLE orders (id bigint PRIMARY KEY, code varchar(20), total numeric(8,2), note text);";

/** Rules about tables, their columns and partitions. */
export const tableRules: readonly Rule[] = [
  {
    id: "object-of-this-release",
    class: "additive",
    example: "CREATE TABLE carts (id int); ALTER TABLE carts ADD COLUMN owner int NOT NULL",
    why: "It touches only what an earlier statement of the same release has created, which nobody uses yet.",
  },
  {
    id: "table-create",
    class: "additive",
    example: "CREATE TABLE carts (id bigint PRIMARY KEY)",
    why: "The running release does not know the table.",
  },
  {
    id: "table-inherit",
    class: "breaking",
    after: ORDERS,
    example: "CREATE TABLE big_orders (weight int) INHERITS (orders)",
    why: "Queries on the parent table also return the rows of the child, and the running release reads the parent.",
    advice: "Create a table of its own, and let the new release read both.",
  },
  {
    id: "partition-create",
    class: "additive",
    blocks: "reads and writes",
    after: "CREATE TABLE events (at date) PARTITION BY RANGE (at);",
    example: "CREATE TABLE events_2030 PARTITION OF events FOR VALUES FROM ('2030-01-01') TO ('2031-01-01')",
    why: "Creating a partition in place locks the parent table, and scans a default partition meanwhile.",
    advice:
      "CREATE TABLE … (LIKE parent), then ALTER TABLE parent ATTACH PARTITION, which lets reads and writes go on.",
  },
  {
    id: "partition-attach",
    class: "additive",
    example:
      "ALTER TABLE events ATTACH PARTITION events_2030 FOR VALUES FROM ('2030-01-01') TO ('2031-01-01')",
    why: "Reads and writes go on. A CHECK constraint on the partition with the same bounds spares the scan.",
  },
  {
    id: "partition-detach",
    class: "breaking",
    example: "ALTER TABLE events DETACH PARTITION events_2020",
    why: "The rows vanish from the table that the running release reads.",
    advice:
      "Once no running release reads the rows: detach CONCURRENTLY in a file of its own, with a comment that allows it.",
  },
  {
    id: "table-drop",
    class: "breaking",
    example: "DROP TABLE orders",
    why: "The running release may still use the table, and its rows are gone.",
    advice:
      "Release a version that no longer uses the table, retire the one before it, then drop it in a later release with a comment that allows it.",
  },
  {
    id: "table-rename",
    class: "breaking",
    example: "ALTER TABLE orders RENAME TO purchases",
    why: "The running release asks for the former name.",
    advice:
      "Keep the name; or create a view under the new one, move all readers over, and rename when only the view is used.",
  },
  {
    id: "schema-change",
    class: "breaking",
    example: "ALTER TABLE orders SET SCHEMA archive",
    why: "The running release looks for it in the former schema.",
    advice: "Leave it where it is, and offer a view in the other schema.",
  },
  {
    id: "column-add",
    class: "additive",
    example: "ALTER TABLE orders ADD COLUMN note text, ADD COLUMN state int NOT NULL DEFAULT 0",
    why: "The column may be null or has a constant default, so PostgreSQL changes no row, and inserts of the running release stay valid.",
  },
  {
    id: "column-add-not-null",
    class: "breaking",
    example: "ALTER TABLE orders ADD COLUMN state int NOT NULL",
    why: "It fails on a table that has rows, and inserts of the running release, which does not know the column, fail after it.",
    advice: "Give it a constant DEFAULT; or add it as nullable, fill it, and require it in a later release.",
  },
  {
    id: "column-add-rewrite",
    class: "additive",
    blocks: "reads and writes",
    example: "ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid()",
    why: "The value differs from row to row (a volatile default, serial, identity or stored expression), so PostgreSQL rewrites the whole table under an exclusive lock.",
    advice:
      "Add the column without default, then ALTER COLUMN … SET DEFAULT for new rows, then fill the old rows in batches.",
  },
  {
    id: "column-add-constraint",
    class: "additive",
    blocks: "reads and writes",
    example: "ALTER TABLE orders ADD COLUMN ref text UNIQUE",
    why: "Its UNIQUE, PRIMARY KEY, CHECK or REFERENCES is built or verified over the whole table under a lock.",
    advice:
      "Add the bare column; then a unique index CONCURRENTLY, or the constraint NOT VALID and VALIDATE CONSTRAINT after it.",
  },
  {
    id: "column-drop",
    class: "breaking",
    example: "ALTER TABLE orders DROP COLUMN note",
    why: "The running release may still read or write the column, and its values are gone.",
    advice:
      "Release a version that no longer uses the column, retire the one before it, then drop it in a later release with a comment that allows it.",
  },
  {
    id: "column-rename",
    class: "breaking",
    example: "ALTER TABLE orders RENAME COLUMN note TO remark",
    why: "The running release asks for the former name.",
    advice: "Add the new column, write both, fill it, read the new one; drop the former in a later release.",
  },
  {
    id: "column-type-widen",
    class: "additive",
    after: ORDERS,
    example: "ALTER TABLE orders ALTER COLUMN code TYPE varchar(40), ALTER COLUMN total TYPE numeric(12,2)",
    why: "The same type with more room: no row is rewritten, and every value of the running release still fits.",
  },
  {
    id: "column-type",
    class: "breaking",
    after: ORDERS,
    example: "ALTER TABLE orders ALTER COLUMN code TYPE integer USING code::integer",
    why: "The table is rewritten or checked under an exclusive lock, and the running release may not understand the new type.",
    advice:
      "Add a column of the new type, write both, fill it, read the new one; drop the former in a later release.",
  },
  {
    id: "column-type-unknown",
    class: "breaking",
    example: "ALTER TABLE legacy ALTER COLUMN code TYPE varchar(40)",
    why: "The type until now stands in none of the migrations, so it cannot be told whether this only widens it.",
    advice: "If it does, say so in a comment that allows it.",
  },
  {
    id: "column-not-null",
    class: "breaking",
    example: "ALTER TABLE orders ALTER COLUMN note SET NOT NULL",
    why: "It scans the table under an exclusive lock, and inserts of a running release that leaves the column out fail after it.",
    advice:
      "Once every running release writes it: ADD CONSTRAINT … CHECK (column IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT, and then SET NOT NULL, which uses the check.",
  },
  {
    id: "column-not-null-checked",
    class: "additive",
    after: `${ORDERS} ALTER TABLE orders ADD CONSTRAINT note_set CHECK (note IS NOT NULL) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT note_set;`,
    example: "ALTER TABLE orders ALTER COLUMN note SET NOT NULL",
    why: "A validated CHECK (… IS NOT NULL) proves it, so the table is not scanned. Every running release must write the column already.",
  },
  {
    id: "column-drop-not-null",
    class: "additive",
    example: "ALTER TABLE orders ALTER COLUMN note DROP NOT NULL",
    why: "Writes of the running release stay valid. It must bear reading null as soon as the new release writes it.",
  },
  {
    id: "column-default",
    class: "additive",
    example: "ALTER TABLE orders ALTER COLUMN note SET DEFAULT ''",
    why: "Only rows written later are affected, and only where the column is left out.",
  },
  {
    id: "column-drop-default",
    class: "breaking",
    example: "ALTER TABLE orders ALTER COLUMN note DROP DEFAULT",
    why: "Inserts of the running release that leave the column out write null, or fail, from now on.",
    advice: "Drop the default when no running release relies on it, with a comment that allows it.",
  },
  {
    id: "table-settings",
    class: "additive",
    example: "ALTER TABLE orders ALTER COLUMN note SET STATISTICS 500",
    why: "Only how the table is stored or planned from now on changes.",
  },
  {
    id: "table-rewrite",
    class: "additive",
    blocks: "reads and writes",
    example: "ALTER TABLE orders SET UNLOGGED",
    why: "PostgreSQL writes the whole table anew under an exclusive lock.",
    advice: "Do it in a maintenance window.",
  },
  {
    id: "table-cluster",
    class: "additive",
    blocks: "reads and writes",
    alone: true,
    example: "VACUUM FULL orders",
    why: "PostgreSQL writes the whole table anew under an exclusive lock.",
    advice: "Do it in a maintenance window, or leave it to a plain VACUUM.",
  },
  {
    id: "table-lock",
    class: "additive",
    blocks: "reads and writes",
    example: "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE",
    why: "The lock is held until the migration has ended.",
    advice: "Leave it out: each statement takes the lock that it needs.",
  },
  {
    id: "owner-change",
    class: "breaking",
    example: "ALTER TABLE orders OWNER TO other",
    why: "The running release may lose its rights on it.",
    advice: "Grant the new owner what it needs first, and change the owner in a maintenance window.",
  },
  {
    id: "alter-other",
    class: "breaking",
    example: "ALTER TABLE orders ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY",
    after: ORDERS,
    why: "Nothing is known of what this change does to the running release.",
    advice: "If it is harmless, say why in a comment that allows it.",
  },
];
