/**
 * Protocol Buffers' wire format, as much of it as an ONNX file needs: integers and length-delimited fields.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */

const varintType = 0;
const lengthDelimitedType = 2;
const utf8 = new TextEncoder();

/** An int32, int64 or enum field. Negative numbers take ten bytes, as two's complement of 64 bits. */
export function intField(field: number, value: number | bigint): Uint8Array {
  return joined([tag(field, varintType), varint(BigInt(value))]);
}

/** A bytes field or a message inside a message. */
export function bytesField(field: number, bytes: Uint8Array): Uint8Array {
  return joined(bytesParts(field, [bytes]));
}

/** The same in pieces, none of them copied: what weights of hundreds of megabytes need. */
export function bytesParts(field: number, parts: Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [tag(field, lengthDelimitedType), varint(BigInt(length)), ...parts];
}

export function stringField(field: number, text: string): Uint8Array {
  return bytesField(field, utf8.encode(text));
}

/** A message is its fields, one after the other. */
export function joined(parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function tag(field: number, type: number): Uint8Array {
  return varint(BigInt(field * 8 + type));
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
