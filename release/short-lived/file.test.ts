import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { compareShapes, shapeOf } from "../rebuild/shape";
import { isOver } from "./end";
import { copyOf, freeNetwork, lifetime } from "./file";

const text = readFileSync(join(__dirname, "..", "..", "Pulumi.test.yaml"), "utf8");

test("a copy has a network and an end of its own, and no place on a release's way", () => {
  const { config } = parse(copyOf(text, { cidr: "10.200.0.0/16", expires: "2030-01-01T08:00Z" }));
  expect(config).toMatchObject({
    "retrofit:size": "small",
    "retrofit:network": { cidr: "10.200.0.0/16" },
    "retrofit:expires": "2030-01-01T08:00Z",
  });
  expect(Object.keys(config)).not.toContain("retrofit:promotion");
});

test("a copy keeps what stands in for other systems, which know the original alone", () => {
  const linksOf = (links: object[]) => {
    const written = `${text}  retrofit:links: ${JSON.stringify(links)}\n`;
    return parse(copyOf(written, { cidr: "10.200.0.0/16", expires: "2030-01-01T08:00Z" })).config[
      "retrofit:links"
    ];
  };
  const [erp, bank, tax] = [
    { name: "erp", kind: "address", host: "erp.example.com", cidr: "198.51.100.0/24", port: 443 },
    { name: "bank", kind: "standIn", host: "10.10.0.5", cidr: "10.10.0.5/32", port: 443 },
    { name: "tax", kind: "vpn", network: "legacy", host: "192.168.50.10", port: 443 },
  ];
  expect(linksOf([erp!, bank!, tax!])).toEqual([bank]);
  expect(linksOf([erp!, tax!])).toBeUndefined();
});

test("a network is free of all that is taken, and is another one for another name", () => {
  const [first, other] = [freeNetwork("pr-1", 16, []), freeNetwork("pr-2", 16, [])];
  expect(first).toMatch(/^10\.\d+\.0\.0\/16$/);
  expect(other).not.toBe(first);
  expect(freeNetwork("pr-1", 16, [first!])).not.toBe(first);
  expect(freeNetwork("pr-1", 16, ["10.128.0.0/9"])).toBeUndefined();
});

test.each([
  ["30m", 1_800_000],
  ["8h", 28_800_000],
  ["14d", 1_209_600_000],
  ["15d", undefined],
  ["0h", undefined],
  ["8", undefined],
  ["soon", undefined],
])("%s is %p milliseconds", (given, expected) => expect(lifetime(given)).toBe(expected));

test("an environment that was made anew is the same where its outputs are the same and its release is", () => {
  const before = { url: "http://a", live: { version: "1.0.0", sha256: "aa" }, alarms: ["x-1", "y-2"] };
  const anew = { url: "http://b", live: { version: "1.0.0", sha256: "aa" }, alarms: ["x-3", "y-4"] };
  expect(compareShapes(shapeOf(before), shapeOf(anew))).toEqual({ missing: [], added: [] });
  const other = { ...anew, live: { version: "1.0.0", sha256: "bb" }, alarms: ["x-3"] };
  expect(compareShapes(shapeOf(before), shapeOf(other))).toEqual({
    missing: ["alarms × 2", "live is 1.0.0 aa"],
    added: ["alarms × 1", "live is 1.0.0 bb"],
  });
});

test.each([
  ["2030-01-01T08:00Z", true],
  ["2030-01-01T08:01Z", false],
  ["some day", false],
  [undefined, false],
])("what was to live until %s is over: %p", (end, over) =>
  expect(isOver(end, Date.parse("2030-01-01T08:00Z"))).toBe(over),
);
