import type { Rule } from "../types";

/** Rules about rows, and about what cannot be seen from the text. */
export const dataRules: readonly Rule[] = [
  {
    id: "insert",
    class: "additive",
    example: "INSERT INTO countries (code) VALUES ('DE')",
    why: "Rows are added; the running release reads them too.",
  },
  {
    id: "update-new-column",
    class: "additive",
    after: "CREATE TABLE orders (id int, note text);",
    example:
      "ALTER TABLE orders ADD COLUMN remark text; UPDATE orders SET remark = note WHERE remark IS NULL",
    why: "It fills a column that this release adds. Changed rows stay locked until the migration has ended, so fill big tables in batches from the application.",
  },
  {
    id: "update-new-column-all",
    class: "additive",
    blocks: "writes",
    after: "CREATE TABLE orders (id int, note text);",
    example: "ALTER TABLE orders ADD COLUMN remark text; UPDATE orders SET remark = note",
    why: "Without WHERE every row of the table is changed and stays locked until the migration has ended.",
    advice: "Fill the column in batches from the application, or by ranges of the key in several migrations.",
  },
  {
    id: "update",
    class: "additive",
    example: "UPDATE orders SET state = 2 WHERE state = 1 AND id < 1000",
    why: "The running release sees the changed rows, which stay locked until the migration has ended.",
  },
  {
    id: "update-all",
    class: "breaking",
    example: "UPDATE orders SET state = 0 WHERE true",
    why: "Every row that the running release works with is changed, and the former values are gone.",
    advice: "Write the new values to a new column.",
  },
  {
    id: "delete",
    class: "breaking",
    example: "DELETE FROM orders WHERE created < '2020-01-01'",
    why: "Rows that the running release may need are gone.",
    advice:
      "Mark them as deleted; or delete them when no running release needs them, with a comment that allows it.",
  },
  {
    id: "delete-all",
    class: "breaking",
    example: "DELETE FROM orders",
    why: "Every row of the table is gone.",
    advice: "Say which rows in a WHERE.",
  },
  {
    id: "truncate",
    class: "breaking",
    example: "TRUNCATE orders CASCADE",
    why: "Every row is gone, with CASCADE also those of tables that refer to it, under an exclusive lock.",
    advice: "Release a version that no longer uses the table first.",
  },
  {
    id: "merge",
    class: "breaking",
    example: "MERGE INTO orders o USING feed f ON o.id = f.id WHEN MATCHED THEN DELETE",
    why: "It may change or delete any row.",
    advice: "Write INSERT … ON CONFLICT DO NOTHING, or an UPDATE with a WHERE.",
  },
  {
    id: "function-call",
    class: "breaking",
    example: "SELECT tidy_up('orders')",
    why: "What the function does cannot be seen here.",
    advice: "If it is harmless, say why in a comment that allows it.",
  },
  {
    id: "dynamic-sql",
    class: "breaking",
    example: "DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'orders'; END $$",
    why: "What a DO block, CALL or EXECUTE does is decided while it runs, so it cannot be judged.",
    advice: "Write plain statements; or say in a comment that allows it why the running release is not hurt.",
  },
  {
    id: "copy",
    class: "breaking",
    never: true,
    example: "COPY orders FROM '/tmp/orders.csv'",
    why: "COPY reads or writes files of the database server, or a stream that a migration does not have.",
    advice: "Use INSERT; load big data from the application.",
  },
];
