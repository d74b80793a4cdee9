import { classify, readMigrations } from ".";

/** What the database has before; the release that runs was written against it. */
const BEFORE = `
CREATE TABLE customers (id bigserial PRIMARY KEY, email varchar(80) UNIQUE, name varchar(60), born date);
CREATE TABLE orders (
  id bigserial PRIMARY KEY,
  customer_id bigint REFERENCES customers (id),
  state varchar(20) DEFAULT 'open',
  total numeric(10, 2) NOT NULL,
  created timestamptz DEFAULT now(),
  CONSTRAINT total_positive CHECK (total >= 0)
);
CREATE INDEX orders_state ON orders (state);
CREATE UNIQUE INDEX customers_name ON customers (name);
CREATE TYPE channel AS ENUM ('web', 'shop');
CREATE VIEW open_orders AS SELECT * FROM orders WHERE state = 'open';
`;

async function judge(sql: string, options: { complete?: boolean } = {}) {
  const { migrations } = readMigrations([
    { path: "V1__before.sql", content: Buffer.from(BEFORE) },
    { path: "V2__change.sql", content: Buffer.from(sql) },
  ]);
  const { pending, problems } = await classify(migrations, {
    applied: new Set(["V1__before.sql"]),
    ...options,
  });
  return { ...pending[0]!, problems };
}

/** Rules of what is dangerous: breaking, refused, or blocking the running release. */
const dangers = (judged: Awaited<ReturnType<typeof judge>>) =>
  judged.findings
    .filter((one) => one.class === "breaking" || one.never || one.blocks)
    .map((one) => `${one.line} ${one.rule}`);

describe("migrations that have hurt people are found, at their line", () => {
  test.each([
    ["a column dropped", "ALTER TABLE orders\n  DROP COLUMN state;", ["1 column-drop"]],
    [
      "a column dropped from a table that may be missing",
      "ALTER TABLE IF EXISTS orders DROP COLUMN IF EXISTS state CASCADE;",
      ["1 column-drop"],
    ],
    [
      "a table dropped among harmless things",
      "ALTER TABLE orders ADD COLUMN a int;\nDROP TABLE customers CASCADE;",
      ["2 table-drop"],
    ],
    ["several tables dropped", "DROP TABLE orders, customers;", ["1 table-drop", "1 table-drop"]],
    ["a column renamed", "ALTER TABLE orders RENAME total TO amount;", ["1 column-rename"]],
    ["a table renamed", "ALTER TABLE orders RENAME TO purchases;", ["1 table-rename"]],
    [
      "a table renamed by ALTER INDEX, which PostgreSQL permits",
      "ALTER INDEX orders RENAME TO purchases;",
      ["1 table-rename"],
    ],
    [
      "an integer key widened to bigint",
      "ALTER TABLE orders ALTER COLUMN customer_id TYPE integer;",
      ["1 column-type"],
    ],
    ["a varchar shortened", "ALTER TABLE customers ALTER name TYPE varchar(30);", ["1 column-type"]],
    ["numeric with another scale", "ALTER TABLE orders ALTER total TYPE numeric(12, 4);", ["1 column-type"]],
    [
      "a type changed by an expression",
      "ALTER TABLE customers ALTER name TYPE text USING upper(name);",
      ["1 column-type"],
    ],
    [
      "NOT NULL without default",
      "ALTER TABLE orders ADD COLUMN channel text NOT NULL;",
      ["1 column-add-not-null"],
    ],
    [
      "NOT NULL with a default that is null",
      "ALTER TABLE orders ADD COLUMN c text NOT NULL DEFAULT NULL::text;",
      ["1 column-add-not-null"],
    ],
    [
      "SET NOT NULL on what may be null",
      "ALTER TABLE customers ALTER COLUMN email SET NOT NULL;",
      ["1 column-not-null"],
    ],
    [
      "a random default",
      "ALTER TABLE orders ADD token uuid NOT NULL DEFAULT gen_random_uuid();",
      ["1 column-add-rewrite"],
    ],
    [
      "a default that is another time in each row",
      "ALTER TABLE orders ADD at timestamptz DEFAULT clock_timestamp();",
      ["1 column-add-rewrite"],
    ],
    ["a serial column added", "ALTER TABLE orders ADD COLUMN number bigserial;", ["1 column-add-rewrite"]],
    [
      "a stored expression added",
      "ALTER TABLE orders ADD gross numeric GENERATED ALWAYS AS (total * 2) STORED;",
      ["1 column-add-rewrite"],
    ],
    ["an index without CONCURRENTLY", "CREATE INDEX ON orders (customer_id);", ["1 index-blocking"]],
    [
      "a unique index without CONCURRENTLY",
      "CREATE UNIQUE INDEX IF NOT EXISTS x ON orders (total);",
      ["1 index-blocking"],
    ],
    ["an index dropped without CONCURRENTLY", "DROP INDEX IF EXISTS orders_state;", ["1 index-drop"]],
    [
      "a unique index dropped, which ON CONFLICT needs",
      "DROP INDEX CONCURRENTLY customers_name;",
      ["1 index-drop-unique"],
    ],
    [
      "a unique constraint dropped",
      "ALTER TABLE customers DROP CONSTRAINT customers_email_key;",
      ["1 constraint-drop"],
    ],
    [
      "a foreign key with validation",
      "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customers;",
      ["1 constraint-validated"],
    ],
    [
      "a check with validation",
      "ALTER TABLE orders ADD CHECK (created IS NOT NULL);",
      ["1 constraint-validated"],
    ],
    [
      "NOT VALID and VALIDATE under one lock",
      "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT c;",
      ["2 constraint-validated"],
    ],
    [
      "a unique constraint that builds its index",
      "ALTER TABLE orders ADD UNIQUE (created);",
      ["1 constraint-index-built"],
    ],
    [
      "a column with a foreign key",
      "ALTER TABLE orders ADD COLUMN payer bigint REFERENCES customers;",
      ["1 column-add-constraint"],
    ],
    ["an enum value renamed", "ALTER TYPE channel RENAME VALUE 'shop' TO 'store';", ["1 enum-rename-value"]],
    [
      "triggers turned off for a bulk change",
      "ALTER TABLE orders DISABLE TRIGGER USER;",
      ["1 trigger-switch"],
    ],
    [
      "triggers turned off by a setting",
      "SET LOCAL session_replication_role TO 'replica';",
      ["1 replication-role"],
    ],
    ["a table emptied", "TRUNCATE TABLE orders RESTART IDENTITY;", ["1 truncate"]],
    ["DELETE with a WHERE that is always true", "DELETE FROM orders WHERE 1 = 1;", ["1 delete-all"]],
    ["UPDATE of every row", "UPDATE orders SET state = 'open';", ["1 update-all"]],
    [
      "DELETE hidden in a WITH",
      "WITH gone AS (DELETE FROM orders WHERE id < 9 RETURNING *) SELECT count(*) FROM gone;",
      ["1 delete"],
    ],
    ["DELETE run by EXPLAIN ANALYZE", "EXPLAIN (ANALYZE) DELETE FROM orders;", ["1 delete-all"]],
    ["a DO block", "DO $$ BEGIN PERFORM 1; END $$;", ["1 dynamic-sql"]],
    ["a function that nobody knows", "SELECT shop.rebuild();", ["1 function-call"]],
    ["a right taken away", "REVOKE ALL ON orders FROM PUBLIC;", ["1 revoke"]],
    ["row security turned on", "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;", ["1 row-security"]],
    [
      "a view replaced",
      "CREATE OR REPLACE VIEW open_orders AS SELECT * FROM orders WHERE state = 'new';",
      ["1 view-replace"],
    ],
    ["an owner changed", "ALTER TABLE orders OWNER TO someone;", ["1 owner-change"]],
    ["a table moved to another schema", "ALTER TABLE orders SET SCHEMA old;", ["1 schema-change"]],
    ["a sequence started anew", "ALTER SEQUENCE orders_id_seq RESTART;", ["1 sequence-alter"]],
    ["a default removed", "ALTER TABLE orders ALTER state DROP DEFAULT;", ["1 column-drop-default"]],
    ["the lock limit switched off", "SET lock_timeout TO '0s';", ["1 lock-timeout-off"]],
    ["the lock limit reset", "RESET lock_timeout;", ["1 lock-timeout-off"]],
    [
      "a transaction of its own",
      "BEGIN;\nALTER TABLE orders ADD COLUMN x int;\nCOMMIT;",
      ["1 transaction", "3 transaction"],
    ],
    [
      "CONCURRENTLY among others",
      "ALTER TABLE orders ADD x int;\n\nCREATE INDEX CONCURRENTLY i ON orders (x);",
      ["3 not-alone"],
    ],
    ["another file brought in", "-- first\n\\i more.sql\n", ["2 psql-command"]],
    ["another database connected to", "SELECT 1;\n\\connect other", ["2 psql-command"]],
    ["rows streamed in", "COPY orders FROM stdin;", ["1 copy"]],
    ["a program of the server run", "COPY orders TO PROGRAM 'rm -rf /';", ["1 copy"]],
  ])("%s", async (_what, sql, expected) => {
    expect(dangers(await judge(sql))).toEqual(expected);
  });
});

describe("what a careful team writes passes as additive", () => {
  test.each([
    ["a nullable column", "ALTER TABLE orders ADD COLUMN note text;"],
    ["a column with a constant default", "ALTER TABLE orders ADD COLUMN kind smallint NOT NULL DEFAULT 0;"],
    [
      "a column with the time of the migration",
      "ALTER TABLE orders ADD COLUMN seen timestamptz NOT NULL DEFAULT now();",
    ],
    [
      "an index built concurrently, after settings",
      "SET statement_timeout = 0;\nCREATE INDEX CONCURRENTLY orders_total ON orders (total);",
    ],
    [
      "a foreign key NOT VALID",
      "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;",
    ],
    [
      "wider columns",
      "ALTER TABLE customers ALTER email TYPE varchar(200), ALTER name TYPE text;\nALTER TABLE orders ALTER total TYPE numeric(14, 2);",
    ],
    ["an enum value added", "ALTER TYPE channel ADD VALUE IF NOT EXISTS 'phone' AFTER 'web';"],
    [
      "a table with keys, indexes, triggers, rights and rows of its own",
      `
      CREATE TABLE carts (id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers (id));
      CREATE INDEX carts_customer ON carts (customer_id);
      ALTER TABLE carts ADD COLUMN note text NOT NULL, ALTER COLUMN note SET DEFAULT '', ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own ON carts USING (true);
      CREATE TRIGGER t BEFORE UPDATE ON carts FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
      INSERT INTO carts (customer_id, note) SELECT id, name FROM customers;
      UPDATE carts SET note = 'x';
      REVOKE ALL ON carts FROM PUBLIC;
      GRANT SELECT ON carts TO PUBLIC;
      ALTER TABLE carts RENAME TO baskets;
      DROP TABLE baskets;`,
    ],
    ["a check dropped", "ALTER TABLE orders DROP CONSTRAINT total_positive;"],
    ["a comment and statistics", "COMMENT ON COLUMN orders.total IS 'gross';\nANALYZE orders;"],
    [
      "a foreign key dropped by the name that PostgreSQL gave it",
      "ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;",
    ],
    [
      "what a dump begins with",
      "SELECT pg_catalog.set_config('search_path', '', false);\nSET standard_conforming_strings = on;\nSET client_encoding = 'UTF8';",
    ],
  ])("%s", async (_what, sql) => {
    const judged = await judge(sql);
    expect(dangers(judged)).toEqual([]);
    expect(judged.class).not.toBe("breaking");
  });
});

describe("tricks of naming hide nothing", () => {
  test.each([
    [
      "a schema of its own for the new one",
      "CREATE SCHEMA x; CREATE TABLE x.orders (id int); SET search_path TO x; DROP TABLE public.orders;",
      ["1 table-drop"],
    ],
    [
      "the path changed back",
      "SET search_path = fresh; CREATE TABLE orders (id int); SET search_path = public; DROP TABLE orders;",
      ["1 table-drop"],
    ],
    [
      "a temporary table of the same name",
      "CREATE TEMP TABLE orders (id int); DROP TABLE public.orders;",
      ["1 table-drop"],
    ],
    [
      "IF NOT EXISTS, which creates nothing where it is",
      "CREATE TABLE IF NOT EXISTS orders (id int); ALTER TABLE orders DROP COLUMN total;",
      ["1 column-drop"],
    ],
    [
      "ADD COLUMN IF NOT EXISTS likewise",
      "ALTER TABLE orders ADD COLUMN IF NOT EXISTS state text; ALTER TABLE orders DROP COLUMN state;",
      ["1 column-drop"],
    ],
    ["another spelling of the same name", 'ALTER TABLE "orders" DROP COLUMN "state";', ["1 column-drop"]],
    [
      "a comment in the middle",
      "ALTER /* CREATE */ TABLE orders -- x\nDROP /* nothing */ COLUMN state;",
      ["1 column-drop"],
    ],
    [
      "a new table emptied with those that refer to it",
      "CREATE TABLE n (id int PRIMARY KEY); TRUNCATE n CASCADE;",
      ["1 truncate"],
    ],
    [
      "an old table tied to a new one",
      "CREATE TABLE p (LIKE orders); ALTER TABLE p INHERIT orders;",
      ["1 table-inherit"],
    ],
    [
      "the old table renamed away for the new one",
      "CREATE TABLE orders_new (id int); ALTER TABLE orders RENAME TO orders_old; ALTER TABLE orders_new RENAME TO orders;",
      ["1 table-rename"],
    ],
  ])("%s", async (_what, sql, expected) => {
    expect(dangers(await judge(sql))).toEqual(expected);
  });

  test("a temporary table of one file does not cover for the next file", async () => {
    const { migrations } = readMigrations([
      { path: "V1__a.sql", content: Buffer.from("CREATE TEMP TABLE orders (id int);") },
      { path: "V2__b.sql", content: Buffer.from("DROP TABLE orders;") },
    ]);
    const { pending } = await classify(migrations);
    expect(pending[1]!.class).toBe("breaking");
  });

  test("a table of an earlier release is not new, one of an earlier file of this release is", async () => {
    const files = ["CREATE TABLE a (id int);", "ALTER TABLE a DROP COLUMN id;"].map((sql, index) => ({
      path: `V${index + 1}__x.sql`,
      content: Buffer.from(sql),
    }));
    const { migrations } = readMigrations(files);
    const together = await classify(migrations);
    expect(together.pending.map((one) => one.class)).toEqual(["additive", "additive"]);
    const later = await classify(migrations, { applied: new Set(["V1__x.sql"]) });
    expect(later.pending.map((one) => one.class)).toEqual(["breaking"]);
  });

  test("lines are right after letters of several bytes", async () => {
    expect(dangers(await judge("-- ärgerlich ☃\nSELECT 'ü';\n\n/* ö\n */ DROP TABLE orders;"))).toEqual([
      "5 table-drop",
    ]);
    expect(dangers(await judge("SELECT 'üüüüüü';\nDROP TABEL orders;"))).toEqual(["2 syntax"]);
  });

  test("each command of a long ALTER TABLE is named at its own line", async () => {
    const judged = await judge(
      "ALTER TABLE orders\n  ADD COLUMN a int,\n  ADD COLUMN b int NOT NULL,\n  ADD CONSTRAINT c CHECK (total > 1);",
    );
    expect(dangers(judged)).toEqual(["3 column-add-not-null", "4 constraint-validated"]);
  });

  test("where the database is older than its migrations, OR REPLACE may replace something", async () => {
    const sql = "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';";
    expect((await judge(sql)).class).toBe("additive");
    expect((await judge(sql, { complete: false })).class).toBe("breaking");
  });
});

describe("a comment that allows a statement", () => {
  test("lets it pass as additive, with the reason kept", async () => {
    const judged = await judge(
      "-- retrofit:allow column-drop: not read since 1.4.0\nALTER TABLE orders DROP COLUMN state;",
    );
    expect(judged.problems).toEqual([]);
    expect(judged.class).toBe("additive");
    expect(judged.findings[0]).toMatchObject({
      rule: "column-drop",
      line: 2,
      allowed: "not read since 1.4.0",
    });
  });

  test("lets a short lock pass on a table that is known to be small", async () => {
    const judged = await judge(
      "-- retrofit:allow index-blocking: at most 50 rows\nCREATE INDEX i ON customers (born);",
    );
    expect(dangers(judged)).toEqual([]);
  });

  test("covers the next statement only", async () => {
    const judged = await judge(
      "-- retrofit:allow table-drop: nobody uses it any more\nDROP TABLE customers;\nDROP TABLE orders;",
    );
    expect(dangers(judged)).toEqual(["3 table-drop"]);
  });

  test.each([
    ["no reason", "-- retrofit:allow table-drop", "DROP TABLE orders;", "without a reason"],
    [
      "a reason that says nothing",
      "-- retrofit:allow table-drop: ok",
      "DROP TABLE orders;",
      "without a reason",
    ],
    [
      "another rule than the statement's",
      "-- retrofit:allow column-drop: not used any more",
      "DROP TABLE orders;",
      "falls under table-drop",
    ],
    [
      "what nothing can allow",
      "-- retrofit:allow transaction: we know what we do",
      "COMMIT;",
      "nothing can allow",
    ],
  ])("does not count with %s", async (_what, comment, sql, message) => {
    const judged = await judge(`${comment}\n${sql}`);
    expect(judged.problems[0]?.message).toContain(message);
    expect(judged.problems[0]?.line).toBe(1);
  });

  test("is not taken from inside a text", async () => {
    const judged = await judge(
      "SELECT '\n-- retrofit:allow table-drop: not a comment at all\n'; DROP TABLE orders;",
    );
    expect(dangers(judged)).toEqual(["3 table-drop"]);
  });
});
