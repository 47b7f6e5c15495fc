import type { Graph, Value } from './onnx.ts';

/**
 * The same values, but only after a multiplication of two size × size matrices, so that tests of progress, cancel and
 * kill have something to interrupt. Zero costs nothing. The matrices hold zeros that depend on the input, because the
 * runtime computes what is constant only once, while it loads the model.
 */
export function slowed(graph: Graph, value: Value, size: number): Value {
  if (size === 0) return value;
  const mean = graph.op('ReduceMean', [value], { keepdims: 0 });
  const zero = graph.op('Mul', [mean, graph.constant('float', [], [0])]);
  const matrix = graph.op('Expand', [zero, graph.ints(size, size)]);
  const product = graph.op('MatMul', [matrix, matrix]);
  return graph.op('Add', [value, graph.op('ReduceMax', [product], { keepdims: 0 })]);
}
