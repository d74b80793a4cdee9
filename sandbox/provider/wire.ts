/**
 * Just enough of the protobuf wire format to change single fields of a message and leave every other byte as it came.
 *
 * Decoding with generated classes would drop the fields that a newer engine sends and this project does not know;
 * it would also cost a few hundred milliseconds at start.
 */

/** Rewrites the content of one length-delimited field; `null` drops the field. */
export type FieldRewrite = (content: Buffer) => Buffer | null;

const LENGTH_DELIMITED = 2;

export interface Field {
  number: number;
  wireType: number;
  /** First byte of the field's tag. */
  start: number;
  /** First byte after the field. */
  end: number;
  /** First byte of a length-delimited content. */
  content: number;
}

function readVarint(bytes: Buffer, at: number): { value: number; next: number } {
  let value = 0;
  let scale = 1;
  for (let next = at; next < bytes.length && next < at + 10; next++) {
    const byte = bytes[next]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next: next + 1 };
    scale *= 128;
  }
  throw new Error(`protobuf: unfinished number at byte ${at}`);
}

export function encodeVarint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return Buffer.from(out);
}

/** A length-delimited field (string, bytes, message) with its tag and length. */
export function encodeField(number: number, content: Buffer): Buffer {
  return Buffer.concat([encodeVarint(number * 8 + LENGTH_DELIMITED), encodeVarint(content.length), content]);
}

export function encodeString(number: number, text: string): Buffer {
  return encodeField(number, Buffer.from(text, "utf8"));
}

/** The fields of a message in the order they came. */
export function* fields(message: Buffer): Generator<Field> {
  let at = 0;
  while (at < message.length) {
    const start = at;
    const tag = readVarint(message, at);
    const number = Math.floor(tag.value / 8);
    const wireType = tag.value % 8;
    let content = tag.next;
    if (wireType === 0) at = readVarint(message, tag.next).next;
    else if (wireType === 1) at = tag.next + 8;
    else if (wireType === 5) at = tag.next + 4;
    else if (wireType === LENGTH_DELIMITED) {
      const length = readVarint(message, tag.next);
      content = length.next;
      at = content + length.value;
    } else throw new Error(`protobuf: wire type ${wireType} at byte ${start}`);
    if (at > message.length) throw new Error(`protobuf: field ${number} ends after its message`);
    yield { number, wireType, start, end: at, content };
  }
}

/** Applies a rewrite to each length-delimited field that has one. A message in which nothing changes is returned as it is. */
export function rewriteFields(message: Buffer, rewrites: Record<number, FieldRewrite>): Buffer {
  const parts: Buffer[] = [];
  let copied = 0;
  for (const field of fields(message)) {
    const rewrite = rewrites[field.number];
    if (!rewrite || field.wireType !== LENGTH_DELIMITED) continue;
    const before = message.subarray(field.content, field.end);
    const after = rewrite(before);
    if (after === before) continue;
    parts.push(message.subarray(copied, field.start));
    if (after) parts.push(encodeField(field.number, after));
    copied = field.end;
  }
  return copied === 0 ? message : Buffer.concat([...parts, message.subarray(copied)]);
}

/** The content of the first length-delimited field with that number. */
export function readBytes(message: Buffer, number: number): Buffer | undefined {
  for (const field of fields(message)) {
    if (field.number === number && field.wireType === LENGTH_DELIMITED) {
      return message.subarray(field.content, field.end);
    }
  }
  return undefined;
}

export function readString(message: Buffer, number: number): string | undefined {
  return readBytes(message, number)?.toString("utf8");
}
