import { bytesField, bytesParts, intField, joined, stringField } from './protobuf.ts';

/**
 * Writes ONNX models without any library: a graph of operators, its inputs, outputs and constants.
 * Message and field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; the operators are
 * described in https://github.com/onnx/onnx/blob/main/docs/Operators.md.
 */

/** IR version 8 and operator set 17 (both of 2022) are old enough for every runtime in use. */
const irVersion = 8;
const operatorSet = 17;

/** TensorProto.DataType. */
const elementTypes = { float: 1, int8: 3, int64: 7 } as const;
export type ElementType = keyof typeof elementTypes;

/** The name of a value that flows through the graph. */
export type Value = string;

/** A number is a fixed size; a word names a size that is known only when the model runs. */
export type Shape = (number | string)[];

/** Attributes of an operator; whole numbers and lists of them suffice here. */
export type Attributes = Record<string, number | number[]>;

/** The numbers of a constant; the typed kind only to save memory. */
export type Numbers = number[] | Float32Array | Int8Array;

export class Graph {
  readonly #name: string;
  readonly #nodes: Uint8Array[] = [];
  readonly #constants: Uint8Array[][] = [];
  readonly #inputs: Uint8Array[] = [];
  readonly #outputs: Uint8Array[] = [];
  #values = 0;

  constructor(name: string) {
    this.#name = name;
  }

  input(name: string, type: ElementType, shape: Shape): Value {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** Gives a value to the outside under a name. */
  output(name: string, type: ElementType, shape: Shape, value: Value): void {
    this.#nodes.push(node('Identity', [value], [name], {}));
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** A constant tensor, its numbers in row-major order; an empty shape makes a scalar. */
  constant(type: ElementType, shape: number[], numbers: Numbers): Value {
    const name = this.#newName();
    this.#constants.push(tensor(name, type, shape, numbers));
    return name;
  }

  /** The scalar or the list that an operator takes as an input: axes, indices, bounds. */
  int(value: number): Value {
    return this.constant('int64', [], [value]);
  }

  ints(...values: number[]): Value {
    return this.constant('int64', [values.length], values);
  }

  /** Applies an operator that has one output. */
  op(type: string, inputs: Value[], attributes: Attributes = {}): Value {
    const name = this.#newName();
    this.#nodes.push(node(type, inputs, [name], attributes));
    return name;
  }

  /** Applies an operator that has three. */
  op3(type: string, inputs: Value[]): [Value, Value, Value] {
    const names: [Value, Value, Value] = [this.#newName(), this.#newName(), this.#newName()];
    this.#nodes.push(node(type, inputs, names, {}));
    return names;
  }

  cast(value: Value, type: ElementType): Value {
    return this.op('Cast', [value], { to: elementTypes[type] });
  }

  /** The size of one axis, as a scalar. */
  size(value: Value, axis: number): Value {
    return this.op('Gather', [this.op('Shape', [value]), this.int(axis)], { axis: 0 });
  }

  /** The bytes of an .onnx file (ModelProto), in pieces. */
  toParts(): Uint8Array[] {
    const graph = [
      ...this.#nodes.map((bytes) => bytesField(1, bytes)),
      stringField(2, this.#name),
      ...this.#constants.flatMap((parts) => bytesParts(5, parts)),
      ...this.#inputs.map((bytes) => bytesField(11, bytes)),
      ...this.#outputs.map((bytes) => bytesField(12, bytes)),
    ];
    // OperatorSetIdProto; the empty domain is ONNX's own
    const operators = joined([stringField(1, ''), intField(2, operatorSet)]);
    return [intField(1, irVersion), stringField(2, 'slipway'), ...bytesParts(7, graph), bytesField(8, operators)];
  }

  #newName(): Value {
    this.#values += 1;
    return `v${this.#values}`;
  }
}

/** NodeProto. */
function node(type: string, inputs: Value[], outputs: Value[], attributes: Attributes): Uint8Array {
  return joined([
    ...inputs.map((input) => stringField(1, input)),
    ...outputs.map((output) => stringField(2, output)),
    stringField(3, `${type}_${outputs[0]}`),
    stringField(4, type),
    ...Object.entries(attributes).map(([name, value]) => bytesField(5, attribute(name, value))),
  ]);
}

/** AttributeProto: INT is type 2 in field 3, INTS type 7 in field 8. */
function attribute(name: string, value: number | number[]): Uint8Array {
  return Array.isArray(value)
    ? joined([stringField(1, name), ...value.map((int) => intField(8, int)), intField(20, 7)])
    : joined([stringField(1, name), intField(3, value), intField(20, 2)]);
}

/** TensorProto in pieces, its numbers as raw little-endian bytes. */
function tensor(name: string, type: ElementType, shape: number[], numbers: Numbers): Uint8Array[] {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (numbers.length !== size) throw new Error(`${numbers.length} numbers do not fill the shape [${shape.join(', ')}]`);
  return [
    ...shape.map((dimension) => intField(1, dimension)),
    intField(2, elementTypes[type]),
    stringField(8, name),
    ...bytesParts(9, [littleEndian[type](numbers)]),
  ];
}

const littleEndian = { float: floatBytes, int8: int8Bytes, int64: int64Bytes };

function floatBytes(numbers: Numbers): Uint8Array {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, i) => {
    bytes.writeFloatLE(number, i * 4);
  });
  return bytes;
}

function int8Bytes(numbers: Numbers): Uint8Array {
  return new Uint8Array(Int8Array.from(numbers).buffer);
}

function int64Bytes(numbers: Numbers): Uint8Array {
  const bytes = Buffer.alloc(numbers.length * 8);
  numbers.forEach((number, i) => {
    bytes.writeBigInt64LE(BigInt(number), i * 8);
  });
  return bytes;
}

/** ValueInfoProto with a TypeProto.Tensor inside. */
function valueInfo(name: string, type: ElementType, shape: Shape): Uint8Array {
  const dimensions = shape.map((size) =>
    bytesField(1, typeof size === 'number' ? intField(1, size) : stringField(2, size)),
  );
  const tensorType = joined([intField(1, elementTypes[type]), bytesField(2, joined(dimensions))]);
  return joined([stringField(1, name), bytesField(2, bytesField(1, tensorType))]);
}
