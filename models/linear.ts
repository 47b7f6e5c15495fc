import type { Graph, Value } from './onnx.ts';

/** Row by row. */
export interface Matrix {
  rows: number;
  columns: number;
  numbers: Float32Array;
}

/** Adds the product of a value of the shape [..., rows] and a constant matrix: [..., columns]. */
export type Linear = (graph: Graph, value: Value, matrix: Matrix) => Value;

/** Number formats of the weights, named as transformers.js names them. */
export type Dtype = 'fp32' | 'q8';

export const linear: Record<Dtype, Linear> = {
  fp32: (graph, value, { rows, columns, numbers }) =>
    graph.op('MatMul', [value, graph.constant('float', [rows, columns], numbers)]),

  /**
   * As published 8-bit models do it ("dynamic quantization"): the weights are kept in 8 bits with one factor for the
   * whole matrix, what flows is brought to 8 bits anew at each step.
   * Source: https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
   */
  q8: (graph, value, { rows, columns, numbers }) => {
    const largest = numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 0) || 1;
    const scale = largest / 127;
    const weights = Int8Array.from(numbers, (number) => Math.round(number / scale));
    const matrix = graph.constant('int8', [rows, columns], weights);
    const [small, smallScale, smallZero] = graph.op3('DynamicQuantizeLinear', [value]);
    const product = graph.op('MatMulInteger', [small, matrix, smallZero, graph.constant('int8', [], [0])]);
    const factor = graph.op('Mul', [smallScale, graph.constant('float', [], [scale])]);
    return graph.op('Mul', [graph.cast(product, 'float'), factor]);
  },
};
