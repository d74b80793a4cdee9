/**
 * `google.protobuf.Struct` ⇄ plain values. Property values of the engine are Structs; secrets, unknowns and assets are
 * objects and strings with agreed keys in them and pass through unharmed.
 */
import { encodeField, encodeString, encodeVarint, fields } from "./wire";

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Properties = { [key: string]: Value };

const ENTRY = { key: 1, value: 2 };
/** Numbers of `google.protobuf.Value`'s variants. */
const VARIANT = { null: 1, number: 2, string: 3, bool: 4, struct: 5, list: 6 };

export function decodeStruct(bytes: Buffer): Properties {
  // Entries and not assignments: a key may be `__proto__`.
  const entries: [string, Value][] = [];
  for (const entry of fields(bytes)) {
    let key = "";
    let value: Value = null;
    const content = bytes.subarray(entry.content, entry.end);
    for (const part of fields(content)) {
      const inner = content.subarray(part.content, part.end);
      if (part.number === ENTRY.key) key = inner.toString("utf8");
      else if (part.number === ENTRY.value) value = decodeValue(inner);
    }
    entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

function decodeValue(bytes: Buffer): Value {
  for (const part of fields(bytes)) {
    const inner = bytes.subarray(part.content, part.end);
    switch (part.number) {
      case VARIANT.number:
        return inner.readDoubleLE(0);
      case VARIANT.string:
        return inner.toString("utf8");
      case VARIANT.bool:
        return inner[0] === 1;
      case VARIANT.struct:
        return decodeStruct(inner);
      case VARIANT.list:
        return [...fields(inner)].map((item) => decodeValue(inner.subarray(item.content, item.end)));
      default:
        return null;
    }
  }
  return null;
}

export function encodeStruct(properties: Properties): Buffer {
  const entries = Object.entries(properties).map(([key, value]) =>
    encodeField(
      1,
      Buffer.concat([encodeString(ENTRY.key, key), encodeField(ENTRY.value, encodeValue(value))]),
    ),
  );
  return Buffer.concat(entries);
}

const VARINT = 0;
const FIXED64 = 1;

function encodeValue(value: Value): Buffer {
  if (value === null) return Buffer.concat([encodeVarint(VARIANT.null * 8 + VARINT), Buffer.from([0])]);
  if (typeof value === "string") return encodeString(VARIANT.string, value);
  if (typeof value === "boolean") {
    return Buffer.concat([encodeVarint(VARIANT.bool * 8 + VARINT), Buffer.from([value ? 1 : 0])]);
  }
  if (typeof value === "number") {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return Buffer.concat([encodeVarint(VARIANT.number * 8 + FIXED64), bytes]);
  }
  if (Array.isArray(value)) {
    return encodeField(VARIANT.list, Buffer.concat(value.map((item) => encodeField(1, encodeValue(item)))));
  }
  return encodeField(VARIANT.struct, encodeStruct(value));
}
