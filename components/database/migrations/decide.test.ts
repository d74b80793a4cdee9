import { type AppliedMigration, decide, flywayChecksum, type History, readMigrations } from ".";
import type { ChangeClass } from "./types";

const FIRST = "CREATE TABLE orders (id int, note text);";
const ADDITIVE = "ALTER TABLE orders ADD COLUMN remark text;";
const BREAKING = "-- gone\nALTER TABLE orders DROP COLUMN note;";

const set = (files: Record<string, string>) =>
  readMigrations(Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) })));

const row = (version: string, text: string, more: Partial<AppliedMigration> = {}): AppliedMigration => ({
  script: `V${version}__x.sql`,
  version,
  checksum: flywayChecksum(text),
  success: true,
  ...more,
});

const history = (applied: AppliedMigration[], more: Partial<History> = {}): History => ({
  applied,
  empty: false,
  ...more,
});

const RUNNING = history([row("1", FIRST)]);

describe("the word of a release against what its migrations do", () => {
  test.each<[ChangeClass, string, string | undefined]>([
    ["none", ADDITIVE, "1 migration is pending: V2__x.sql"],
    ["none", "SELECT 1;", "1 migration is pending: V2__x.sql"],
    ["additive", "SELECT 1;", undefined],
    ["additive", ADDITIVE, undefined],
    ["additive", BREAKING, "column-drop (public.orders.note) is breaking"],
    ["additive", "CREATE INDEX i ON orders (id);", "index-blocking (public.orders) blocks writes"],
    ["breaking", ADDITIVE, undefined],
    ["breaking", BREAKING, undefined],
    ["breaking", "CREATE INDEX i ON orders (id);", undefined],
    ["breaking", "COMMIT;", "transaction"],
  ])("%s and %j", async (declared, sql, refusal) => {
    const plan = await decide(declared, set({ "V1__x.sql": FIRST, "V2__x.sql": sql }), RUNNING);
    expect(plan.applied).toBe(1);
    expect(plan.pending.map((one) => one.file.script)).toEqual(["V2__x.sql"]);
    if (refusal === undefined) expect(plan.refusals).toEqual([]);
    else expect(plan.refusals.map((one) => one.message).join("\n")).toContain(refusal);
  });

  test("a refusal names file, line and the change to make", async () => {
    const plan = await decide("additive", set({ "V1__x.sql": FIRST, "V2__x.sql": BREAKING }), RUNNING);
    expect(plan.refusals).toHaveLength(1);
    expect(plan.refusals[0]).toMatchObject({ file: "V2__x.sql", line: 2 });
    expect(plan.refusals[0]?.fix).toContain("retire");
    expect(plan.refusals[0]?.fix).toContain("database: breaking");
  });

  test("what is applied already needs no word", async () => {
    const plan = await decide("none", set({ "V1__x.sql": FIRST }), RUNNING);
    expect(plan).toMatchObject({ pending: [], refusals: [], class: "none" });
  });

  test("a new database takes everything: there is no release that could be hurt", async () => {
    const files = set({ "V1__x.sql": FIRST, "V2__x.sql": BREAKING });
    const plan = await decide("none", files, history([], { empty: true }));
    expect(plan.pending).toHaveLength(2);
    expect(plan.refusals).toEqual([]);
  });

  test("but not what no migration may hold", async () => {
    const plan = await decide("none", set({ "V1__x.sql": "COMMIT;" }), history([], { empty: true }));
    expect(plan.refusals).toHaveLength(1);
  });
});

describe("the history of the database", () => {
  test("an applied migration that was edited is refused", async () => {
    const plan = await decide("additive", set({ "V1__x.sql": `${FIRST}\n-- more` }), RUNNING);
    expect(plan.refusals[0]).toMatchObject({ file: "V1__x.sql" });
    expect(plan.refusals[0]?.message).toContain("edited");
  });

  test("an older release starts on a newer schema, since a rollback needs that", async () => {
    const plan = await decide(
      "none",
      set({ "V1__x.sql": FIRST }),
      history([row("1", FIRST), row("2", ADDITIVE)]),
    );
    expect(plan.refusals).toEqual([]);
    expect(plan.unknown).toEqual(["V2__x.sql"]);
  });

  test("a migration that was slipped in below the newest applied is refused", async () => {
    const files = set({ "V1__x.sql": FIRST, "V2__x.sql": ADDITIVE, "V3__x.sql": "SELECT 1;" });
    const plan = await decide("additive", files, history([row("1", FIRST), row("3", "SELECT 1;")]));
    expect(plan.refusals[0]).toMatchObject({ file: "V2__x.sql", fix: "Give it a version above 3." });
  });

  test("what came before the baseline is taken as applied", async () => {
    const files = set({ "V1__x.sql": FIRST, "V2__x.sql": ADDITIVE, "V3__x.sql": "SELECT 1;" });
    const plan = await decide("additive", files, history([], { baseline: "2" }));
    expect(plan.pending.map((one) => one.file.version)).toEqual(["3"]);
  });

  test("a repeatable migration runs again when it has changed, and is judged as a replacement", async () => {
    const view = "CREATE OR REPLACE VIEW v AS SELECT 1 AS a;";
    const applied = { script: "R__v.sql", checksum: flywayChecksum(view), success: true };
    const same = await decide(
      "none",
      set({ "V1__x.sql": FIRST, "R__v.sql": view }),
      history([row("1", FIRST), applied]),
    );
    expect(same.pending).toEqual([]);
    const changed = set({ "V1__x.sql": FIRST, "R__v.sql": "CREATE OR REPLACE VIEW v AS SELECT 2 AS a;" });
    const plan = await decide("additive", changed, history([row("1", FIRST), applied]));
    expect(plan.refusals[0]?.message).toContain("view-replace");
    const added = await decide("additive", changed, RUNNING);
    expect(added.refusals).toEqual([]);
  });

  test("one that failed outside a transaction is pending again, unless it was changed", async () => {
    const index = "CREATE INDEX CONCURRENTLY i ON orders (id);";
    const failed = row("2", index, { success: false });
    const files = set({ "V1__x.sql": FIRST, "V2__x.sql": index });
    const again = await decide("additive", files, history([row("1", FIRST), failed]));
    expect(again.refusals).toEqual([]);
    expect(again.pending[0]).toMatchObject({ transactional: false, buildsIndex: "public.i" });
    const edited = await decide(
      "additive",
      set({ "V1__x.sql": FIRST, "V2__x.sql": `${index} --` }),
      history([row("1", FIRST), failed]),
    );
    expect(edited.refusals[0]?.message).toContain("has been changed since");
  });
});
