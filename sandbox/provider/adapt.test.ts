import { pathToBridge, pathToSdk, type Rules, toBridgeProperties, toSdkProperties, UNKNOWN } from "./adapt";
import type { Properties } from "./struct";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const secret = (value: Properties[string]) => ({ [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", value });

const rules: Rules = {
  name: { to: "alarmName" },
  filter: { to: "filters", shape: "wrap", in: { and: { to: "ands", shape: "wrap" } } },
  aliases: { to: "alias", shape: "unwrap" },
  policy: { shape: "json" },
};

test("names and shapes go to the bridge and come back as they were", () => {
  const sdk = { name: "n", filter: { and: { tag: "t" } }, aliases: ["a"], other: [1, null] };
  const bridged = { alarmName: "n", filters: [{ ands: [{ tag: "t" }] }], alias: "a", other: [1, null] };
  expect(toBridgeProperties(sdk, rules)).toEqual(bridged);
  expect(toSdkProperties(bridged, rules)).toEqual(sdk);
});

test("what is secret stays secret on both ways", () => {
  const sdk = { name: secret("n"), filter: secret({ and: secret({ tag: "t" }) }) };
  const bridged = { alarmName: secret("n"), filters: secret([{ ands: secret([{ tag: "t" }]) }]) };
  expect(toBridgeProperties(sdk, rules)).toEqual(bridged);
  expect(toSdkProperties(bridged, rules)).toEqual(sdk);
});

test("what is not known yet stays unknown and is not wrapped", () => {
  expect(toBridgeProperties({ filter: UNKNOWN, policy: UNKNOWN }, rules)).toEqual({
    filters: UNKNOWN,
    policy: UNKNOWN,
  });
});

test("a policy document becomes its text; one given as text stays", () => {
  expect(toBridgeProperties({ policy: { Version: "1" } }, rules)).toEqual({ policy: '{"Version":"1"}' });
  expect(toBridgeProperties({ policy: "{}" }, rules)).toEqual({ policy: "{}" });
});

test("a policy document with an unknown in it is unknown, one with a secret in it secret", () => {
  expect(toBridgeProperties({ policy: { Resource: [UNKNOWN] } }, rules)).toEqual({ policy: UNKNOWN });
  expect(toBridgeProperties({ policy: { Resource: secret("arn") } }, rules)).toEqual({
    policy: secret('{"Resource":"arn"}'),
  });
});

test.each([
  ["alarmName", "name"],
  ["filters[0].ands[0].tag", "filter.and.tag"],
  ["filters", "filter"],
  ["alias", "aliases[0]"],
  ["other[2].x", "other[2].x"],
])("a difference at %s is shown at %s", (bridged, sdk) => {
  expect(pathToSdk(bridged, rules)).toBe(sdk);
});

test.each([
  ["name", "alarmName"],
  ["filter", "filters"],
  ["filter.and.tag", "filters[0].ands[0].tag"],
  ["other", "other"],
])("ignoreChanges of %s ignores %s", (sdk, bridged) => {
  expect(pathToBridge(sdk, rules)).toBe(bridged);
});
