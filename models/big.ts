import path from 'node:path';
import { type Layers, layersOf, type Sizes } from './layers.ts';
import { type Dtype, linear } from './linear.ts';
import { writeModel } from './make.ts';
import { Graph, type Value } from './onnx.ts';
import { byteTokenizer } from './tokenizers.ts';
import { randomWeights } from './weights.ts';

/** Those of T5-small. Source: Raffel et al. 2020, https://arxiv.org/abs/1910.10683 */
export const t5Small: Sizes = { vocabulary: 32_128, model: 512, inner: 2048, heads: 8, head: 64, layers: 6 };

const special = { pad: '<pad>', eos: '</s>', unk: '<unk>' };
const source = ['batch_size', 'encoder_sequence_length'];

export interface BigOptions {
  /** A whole number from 1 to 2³² − 1: the same gives the same bytes. */
  seed?: number;
  sizes?: Sizes;
}

/** What the name of a file ends in, as transformers.js asks for it. */
const suffixes: Record<Dtype, string> = { fp32: '', q8: '_quantized' };

/**
 * Writes a model for benchmarks at `<dir>/made/big` and resolves to its id. It is as large as T5-small, 60 million
 * parameters in two files of 308 MB together (and twice a third of it in 8 bits), and costs as much to run, but its weights are drawn at random: it writes
 * letters without meaning, and never ends before the caller's limit. Every byte is a token; its window is 512 of them.
 * Left out of T5: the bias for relative positions, which costs next to nothing, and the mask of padding: texts go in
 * one by one. Takes about 3 s and 600 MB of memory.
 */
export async function makeBigModel(dir: string, { seed = 1, sizes = t5Small }: BigOptions = {}): Promise<string> {
  const id = 'made/big';
  const tokenizer = byteTokenizer(Object.values(special), special.eos);
  const tokenIds = { decoder_start_token_id: 0, pad_token_id: 0, eos_token_id: 1 };
  const onnx = (dtype: Dtype) => {
    // drawn anew, so that both formats hold the same weights
    const random = randomWeights(seed);
    const embedding = random(sizes.vocabulary, sizes.model);
    const layers = (name: string) => layersOf(new Graph(name), sizes, random, linear[dtype]);
    return {
      [`onnx/encoder_model${suffixes[dtype]}.onnx`]: encoder(layers('big_encoder'), embedding),
      [`onnx/decoder_model_merged${suffixes[dtype]}.onnx`]: decoder(
        layers('big_decoder'),
        embedding,
        onlyLetters(tokenizer.ids, sizes.vocabulary),
      ),
    };
  };
  await writeModel(path.join(dir, id), {
    id,
    json: {
      'config.json': {
        model_type: 't5',
        architectures: ['T5ForConditionalGeneration'],
        is_encoder_decoder: true,
        vocab_size: sizes.vocabulary,
        d_model: sizes.model,
        d_kv: sizes.head,
        d_ff: sizes.inner,
        num_heads: sizes.heads,
        num_layers: sizes.layers,
        num_decoder_layers: sizes.layers,
        ...tokenIds,
      },
      'generation_config.json': tokenIds,
      'tokenizer.json': tokenizer.json,
      'tokenizer_config.json': {
        tokenizer_class: 'T5Tokenizer',
        pad_token: special.pad,
        eos_token: special.eos,
        unk_token: special.unk,
        model_max_length: 512,
        clean_up_tokenization_spaces: false,
      },
    },
    onnx: { ...onnx('fp32'), ...onnx('q8') },
  });
  return id;
}

function encoder({ graph, sizes, ...layers }: Layers, embedding: Float32Array): Graph {
  const ids = graph.input('input_ids', 'int64', source);
  const table = graph.constant('float', [sizes.vocabulary, sizes.model], embedding);
  let hidden = graph.op('Gather', [table, ids], { axis: 0 });
  for (let layer = 0; layer < sizes.layers; layer += 1) {
    const normal = layers.norm(hidden);
    const attended = layers.attention(normal, layers.inHeads(normal), layers.inHeads(normal));
    hidden = layers.feedForward(graph.op('Add', [hidden, attended]));
  }
  graph.output('last_hidden_state', 'float', [...source, sizes.model], layers.norm(hidden));
  return graph;
}

/**
 * Reads one token at a time. The keys and values of what was written grow by one at each step; those of the source are
 * made at the first, when their cache is empty, and handed in by the caller from then on.
 */
function decoder({ graph, sizes, product, ...layers }: Layers, embedding: Float32Array, bias: Float32Array): Graph {
  const ids = graph.input('input_ids', 'int64', ['batch_size', 1]);
  const encoded = graph.input('encoder_hidden_states', 'float', [...source, sizes.model]);
  const cacheShape = (length: string) => ['batch_size', sizes.heads, length, sizes.head];
  /** Keys or values of what was written, this step's included. */
  const written = (name: string, value: Value) => {
    const past = graph.input(`past_key_values.${name}`, 'float', cacheShape('past_length'));
    const all = graph.op('Concat', [past, layers.inHeads(value)], { axis: 2 });
    graph.output(`present.${name}`, 'float', cacheShape('present_length'), all);
    return all;
  };
  /** Those of the source. After the first step nothing is new: the caller keeps what it has. */
  const read = (name: string) => {
    const past = graph.input(`past_key_values.${name}`, 'float', cacheShape('past_source_length'));
    const fresh = layers.inHeads(unread(graph, encoded, past));
    graph.output(`present.${name}`, 'float', cacheShape('new_source_length'), fresh);
    return graph.op('Concat', [past, fresh], { axis: 2 });
  };

  const table = graph.constant('float', [sizes.vocabulary, sizes.model], embedding);
  let hidden = graph.op('Gather', [table, ids], { axis: 0 });
  for (let layer = 0; layer < sizes.layers; layer += 1) {
    const normal = layers.norm(hidden);
    const keys = written(`${layer}.decoder.key`, normal);
    const own = layers.attention(normal, keys, written(`${layer}.decoder.value`, normal));
    hidden = graph.op('Add', [hidden, own]);
    const sourceKeys = read(`${layer}.encoder.key`);
    const across = layers.attention(layers.norm(hidden), sourceKeys, read(`${layer}.encoder.value`));
    hidden = layers.feedForward(graph.op('Add', [hidden, across]));
  }
  const products = product(graph, layers.norm(hidden), {
    rows: sizes.model,
    columns: sizes.vocabulary,
    numbers: turned(embedding, sizes.model),
  });
  const scores = graph.op('Add', [products, graph.constant('float', [sizes.vocabulary], bias)]);
  graph.output('logits', 'float', ['batch_size', 1, sizes.vocabulary], scores);
  return graph;
}

/** What the encoder gave, or nothing of it where the cache already holds what is made of it. */
function unread(graph: Graph, encoded: Value, past: Value): Value {
  const isCached = graph.op('Less', [graph.int(0), graph.size(past, 2)]);
  const length = graph.op('Where', [isCached, graph.int(0), graph.size(encoded, 1)]);
  return graph.op('Slice', [encoded, graph.ints(0), graph.op('Unsqueeze', [length, graph.ints(0)]), graph.ints(1)]);
}

/** Columns become rows: of the shape [length, width], row by row. */
function turned(numbers: Float32Array, width: number): Float32Array {
  const length = numbers.length / width;
  return Float32Array.from(
    { length: numbers.length },
    (_, i) => numbers[(i % length) * width + Math.floor(i / length)] as number,
  );
}

/** What is added to the scores, so that no end is ever written, and nothing but small letters and spaces. */
function onlyLetters(ids: Record<string, number>, vocabulary: number): Float32Array {
  const bias = new Float32Array(vocabulary).fill(-1e4);
  for (const token of 'abcdefghijklmnopqrstuvwxyzĠ') bias[ids[token] as number] = 0;
  return bias;
}
