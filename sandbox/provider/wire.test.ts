import * as fc from "fast-check";
import { decodeStruct, encodeStruct, type Properties } from "./struct";
import { encodeField, encodeString, encodeVarint, readString, rewriteFields } from "./wire";

const { Struct } = require("google-protobuf/google/protobuf/struct_pb");

// Through text first: what the engine sends was JSON, which has no negative zero. protobuf's own writer loses
// `__proto__`, so it is no judge of that key.
const json = fc
  .jsonValue({ maxDepth: 4 })
  .filter((value) => !JSON.stringify(value).includes("__proto__"))
  .map((value) => ({ value: JSON.parse(JSON.stringify(value)) }) as Properties);

test("property values are read and written as protobuf's own library does", () => {
  fc.assert(
    fc.property(json, (properties) => {
      const theirs = Buffer.from(Struct.fromJavaScript(properties).serializeBinary());
      expect(decodeStruct(theirs)).toEqual(properties);
      const ours = Struct.deserializeBinary(encodeStruct(properties)).serializeBinary();
      expect(decodeStruct(Buffer.from(ours))).toEqual(properties);
    }),
  );
});

test("fields that nobody knows, and their order, survive a change to another field", () => {
  const unknownNumber = Buffer.concat([encodeVarint(99 * 8), encodeVarint(7)]);
  const unknownFixed = Buffer.concat([encodeVarint(98 * 8 + 1), Buffer.alloc(8, 1)]);
  const message = Buffer.concat([
    encodeString(1, "urn"),
    unknownNumber,
    encodeString(2, "old"),
    unknownFixed,
  ]);
  const changed = rewriteFields(message, { 2: () => Buffer.from("new and longer") });
  const expected = [encodeString(1, "urn"), unknownNumber, encodeString(2, "new and longer"), unknownFixed];
  expect(changed).toEqual(Buffer.concat(expected));
});

test("a message in which nothing changes is passed on as the same bytes", () => {
  const message = Buffer.concat([encodeString(1, "a"), encodeField(2, encodeString(1, "b"))]);
  expect(rewriteFields(message, { 1: (content) => content, 7: () => null })).toBe(message);
});

test("a field can be dropped, the first one as well as the last", () => {
  const message = Buffer.concat([encodeString(1, "a"), encodeString(2, "b"), encodeString(1, "c")]);
  expect(rewriteFields(message, { 1: () => null })).toEqual(encodeString(2, "b"));
});

test("lengths and numbers beyond four bytes are read", () => {
  const long = "x".repeat(70_000);
  expect(
    readString(Buffer.concat([encodeVarint(3 * 8), encodeVarint(2 ** 40), encodeString(5, long)]), 5),
  ).toBe(long);
});

test("a message that was cut off is refused and not passed on half", () => {
  const cut = encodeString(1, "abcdef").subarray(0, 4);
  expect(() => rewriteFields(cut, {})).toThrow("field 1 ends after its message");
});
