import { compareVersions, flywayChecksum, readMigrations } from ".";

const file = (path: string, text = "SELECT 1;") => ({ path, content: Buffer.from(text, "utf8") });

test("versioned migrations come in the order of their numbers, repeatable ones after them", () => {
  const set = readMigrations([
    file("R__views.sql"),
    file("V10__ten.sql"),
    file("V2__two.sql"),
    file("V1_1__one_one.sql"),
    file("V20260101120000__by_date.sql"),
    file("R__functions.sql"),
  ]);
  expect(set.problems).toEqual([]);
  expect(set.migrations.map((one) => one.script)).toEqual([
    "V1_1__one_one.sql",
    "V2__two.sql",
    "V10__ten.sql",
    "V20260101120000__by_date.sql",
    "R__functions.sql",
    "R__views.sql",
  ]);
  expect(set.migrations[0]).toMatchObject({ version: "1.1", description: "one one" });
});

test("gaps between versions are allowed, the same version twice is not, however it is written", () => {
  const set = readMigrations([file("V1__a.sql"), file("V7__b.sql"), file("V01_0__c.sql")]);
  expect(set.problems).toHaveLength(1);
  expect(set.problems[0]).toMatchObject({
    file: "V1__a.sql",
    message: "has the same version 1 as V01_0__c.sql.",
  });
});

test.each(["V1_add.sql", "v1__a.sql", "add_column.sql", "V__a.sql", "V1__.sql", "V1__a.SQL", "B1__base.sql"])(
  "%s is refused instead of never being applied",
  (name) => {
    expect(readMigrations([file(name)]).problems[0]?.fix).toContain("V<version>__<description>.sql");
  },
);

test("an undo script is refused with the reason", () => {
  expect(readMigrations([file("U1__a.sql")]).problems[0]?.fix).toContain("snapshot");
});

test("other files in the folder are left alone", () => {
  expect(readMigrations([file("README.md"), file("conf/flyway.toml")])).toEqual({
    migrations: [],
    problems: [],
  });
});

test("line ends of another system and a byte order mark do not make a migration another one", () => {
  const [unix] = readMigrations([file("V1__a.sql", "SELECT 1;\nSELECT 2;\n")]).migrations;
  const [windows] = readMigrations([file("V1__a.sql", "\uFEFFSELECT 1;\r\nSELECT 2;\r\n")]).migrations;
  expect(windows).toEqual(unix);
});

test("a file in another encoding is refused", () => {
  const content = Buffer.from([0x53, 0xe9, 0x4c]);
  expect(readMigrations([{ path: "V1__a.sql", content }]).problems[0]?.fix).toBe("Save the file as UTF-8.");
});

test("the checksum is the CRC-32 that Flyway keeps: of the lines, without their ends, signed", () => {
  // The check value of CRC-32, cbf43926 for "123456789", as a signed number.
  expect(flywayChecksum("123456789")).toBe(0xcbf43926 | 0);
  expect(flywayChecksum("1234\n56789\n")).toBe(0xcbf43926 | 0);
  expect(flywayChecksum("")).toBe(0);
});

test("versions are compared part by part, as numbers", () => {
  expect(compareVersions("1.9", "1.10")).toBeLessThan(0);
  expect(compareVersions("2", "1.99")).toBeGreaterThan(0);
  expect(compareVersions("1", "1.0")).toBe(0);
  expect(compareVersions("99999999999999999999", "100000000000000000000")).toBeLessThan(0);
});
