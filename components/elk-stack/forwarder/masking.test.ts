import { HARMLESS_LINES, PRIVATE_KEYS, SECRET_LINES } from "../../../tests/logs/support/secrets";
import { MASKS } from "./masking";

/** JavaScript wants flags beside a pattern, not in front of it. */
const inJavaScript = MASKS.map(({ pattern, replacement }) => {
  const [, flags = "", rest = ""] = /^(?:\(\?([a-z]+)\))?([\s\S]*)$/.exec(pattern)!;
  return { pattern: new RegExp(rest, `g${flags}`), replacement };
});
const mask = (line: string) =>
  inJavaScript.reduce((text, { pattern, replacement }) => text.replace(pattern, replacement), line);

test.each(SECRET_LINES.map(({ line, secret, kept }) => [line, secret, kept]))(
  "masks %s",
  (line, secret, kept) => {
    const masked = mask(line);
    expect(masked).not.toContain(secret);
    expect(masked).toContain(kept);
    expect(mask(masked)).toBe(masked);
  },
);

test.each(HARMLESS_LINES)("leaves %s", (line) => {
  expect(mask(line)).toBe(line);
});

test("JSON with masked values can still be read", () => {
  const line = JSON.stringify({
    level: 50,
    password: 'a"b',
    pass: 12345678,
    secretKey: "x",
    body: JSON.stringify({ token: "abc", password: 12345678 }),
    env: [{ name: "DB_PASSWORD", value: "y" }],
    headers: { authorization: "Bearer abcdefgh1", cookie: "sid=1" },
    msg: "login with password=abc,def\nfailed",
  });
  const masked = JSON.parse(mask(line));
  expect(masked).toMatchObject({
    level: 50,
    password: "***",
    pass: "***",
    secretKey: "***",
    env: [{ name: "DB_PASSWORD", value: "***" }],
    headers: { cookie: "***" },
  });
  expect(JSON.parse(masked.body)).toEqual({ token: "***", password: "***" });
  expect(JSON.stringify(masked)).not.toMatch(/abc|sid/);
});

test.each(PRIVATE_KEYS.map(({ lines, body }) => [lines[0]!.trim(), lines, body]))(
  "no line of a key after %s is left, neither one by one nor together",
  (_, lines, body) => {
    const parted = lines.map(mask);
    const whole = mask(`loaded\n${lines.join("\r\n")}\nof shop`);
    for (const line of body) {
      expect(parted.join("\n")).not.toContain(line.trim());
      expect(whole).not.toContain(line.trim());
    }
    expect(whole).toMatch(/^loaded\n[\s\S]*\nof shop$/);
  },
);

test("what follows a secret in its line, another setting above all, is left", () => {
  expect(mask("{user=ada, password=x, retries=3}")).toBe("{user=ada, password=***, retries=3}");
  expect(mask("Server=db;Pwd=x;Database=shop")).toBe("Server=db;Pwd=***;Database=shop");
  expect(mask('tool --password "two words" --verbose')).toBe('tool --password "***" --verbose');
});

/** Lines made to be looked at again and again: from each place, or by each way to part them. */
const TIRING = [
  ["segments of a name", "com.example.a"],
  ["beginnings of a token", "eyJaaaaaa-"],
  ["names", "password"],
  ["names and blanks", "password   "],
  ["names and separators", "secret= "],
  ["options", "--a-token-"],
  ["tags", "<a:password "],
  ["clients", "mysql docker login "],
  ["beginnings of a key", "-----BEGIN PRIVATE KEY-----"],
  ["quotes", 'password="\\"'],
  ["backslashes", 'token\\\\\\"'],
  ["lines of base64", "aB1aB1aB1aB1aB1aB1aB1aB1aB1aB1aB1aB1aB1aB1aB1aB1aB1aB1aB1aB1-\n"],
  ["one line of base64", "aB1"],
  ["logins", "http://a:b"],
  ["named values", 'name="password"'],
];

test.each(TIRING)("200,000 letters of %s do not take long", (_, part) => {
  const line = part.repeat(Math.ceil(200_000 / part.length));
  const start = process.cpuUsage();
  mask(line);
  expect(process.cpuUsage(start).user / 1e6).toBeLessThan(5);
});
