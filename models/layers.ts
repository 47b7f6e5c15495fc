import type { Linear } from './linear.ts';
import type { Graph, Value } from './onnx.ts';
import type { RandomWeights } from './weights.ts';

/** The layers of T5, without its bias for relative positions. Source: https://arxiv.org/abs/1910.10683 */

export interface Sizes {
  /** Rows of the table of embeddings. */
  vocabulary: number;
  /** Width of what flows from layer to layer, and inside a feed-forward layer. */
  model: number;
  inner: number;
  /** Heads of an attention layer, and the width of each. */
  heads: number;
  head: number;
  /** Of the encoder, and of the decoder. */
  layers: number;
}

export type Layers = ReturnType<typeof layersOf>;

/**
 * Adds layers to a graph; each call draws weights of its own, and `product` says in which number format it multiplies by
 * them. Values have the shape [batch, length, model].
 */
export function layersOf(graph: Graph, sizes: Sizes, random: RandomWeights, product: Linear) {
  const { model, inner, heads, head } = sizes;

  const linear = (value: Value, rows: number, columns: number, scale = 1) =>
    product(graph, value, { rows, columns, numbers: random(rows, columns, scale) });

  /** Queries, keys or values: [batch, heads, length, head]. */
  const inHeads = (value: Value, scale = 1) => {
    const projected = linear(value, model, heads * head, scale);
    return graph.op('Transpose', [graph.op('Reshape', [projected, graph.ints(0, 0, heads, head)])], {
      perm: [0, 2, 1, 3],
    });
  };

  /** Divides by the root of the mean square. */
  const norm = (value: Value) => {
    const squares = graph.op('Pow', [value, graph.constant('float', [], [2])]);
    const mean = graph.op('ReduceMean', [squares], { axes: [-1], keepdims: 1 });
    const root = graph.op('Sqrt', [graph.op('Add', [mean, graph.constant('float', [], [1e-6])])]);
    const ones = graph.constant('float', [model], Array(model).fill(1));
    return graph.op('Mul', [ones, graph.op('Div', [value, root])]);
  };

  /** T5 does not divide the scores by the root of the width: its queries are that much smaller. */
  const attention = (value: Value, keys: Value, values: Value) => {
    const turned = graph.op('Transpose', [keys], { perm: [0, 1, 3, 2] });
    const scores = graph.op('MatMul', [inHeads(value, head ** -0.5), turned]);
    const mixed = graph.op('MatMul', [graph.op('Softmax', [scores], { axis: -1 }), values]);
    const together = graph.op('Transpose', [mixed], { perm: [0, 2, 1, 3] });
    return linear(graph.op('Reshape', [together, graph.ints(0, 0, heads * head)]), heads * head, model);
  };

  /** The value and what two matrices make of it. */
  const feedForward = (value: Value) => {
    const active = graph.op('Relu', [linear(norm(value), model, inner)]);
    return graph.op('Add', [value, linear(active, inner, model)]);
  };

  return { graph, sizes, product, inHeads, norm, attention, feedForward };
}
