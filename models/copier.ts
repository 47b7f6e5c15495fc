import type { MadeModel } from './model.ts';
import { Graph } from './onnx.ts';
import { slowed } from './slow.ts';
import { byteTokenizer } from './tokenizers.ts';

const special = { pad: '<pad>', eos: '</s>', unk: '<unk>' };
const source = ['batch', 'source'];

/**
 * A summarizer that copies its source, byte by byte, until the source ends or the caller's limit is reached. Shaped
 * like T5, with an encoder and a decoder that keeps a cache, so that it takes the same way through transformers.js as a
 * real one. Its window is 1,024 tokens.
 */
export function copier(slow: number): MadeModel {
  const tokenizer = byteTokenizer(Object.values(special), special.eos);
  const vocabulary = Object.keys(tokenizer.ids).length;
  const tokenIds = { decoder_start_token_id: 0, pad_token_id: 0, eos_token_id: 1 };
  return {
    id: 'made/copier',
    json: {
      'config.json': {
        model_type: 't5',
        architectures: ['T5ForConditionalGeneration'],
        is_encoder_decoder: true,
        vocab_size: vocabulary,
        d_model: 1,
        d_kv: 1,
        d_ff: 1,
        num_heads: 1,
        num_layers: 1,
        num_decoder_layers: 1,
        ...tokenIds,
      },
      'generation_config.json': tokenIds,
      'tokenizer.json': tokenizer.json,
      'tokenizer_config.json': {
        tokenizer_class: 'T5Tokenizer',
        pad_token: special.pad,
        eos_token: special.eos,
        unk_token: special.unk,
        model_max_length: 1024,
        clean_up_tokenization_spaces: false,
      },
    },
    onnx: {
      'onnx/encoder_model.onnx': encoder(slow),
      'onnx/decoder_model_merged.onnx': decoder(slow, vocabulary, tokenIds.eos_token_id),
    },
  };
}

/** What the encoder hands on are the token ids themselves, as numbers. */
function encoder(slow: number): Graph {
  const graph = new Graph('copier_encoder');
  const ids = graph.input('input_ids', 'int64', source);
  const hidden = graph.op('Unsqueeze', [graph.cast(ids, 'float'), graph.ints(2)]);
  graph.output('last_hidden_state', 'float', [...source, 1], slowed(graph, hidden, slow));
  return graph;
}

/** The length of the cache tells which token of the source comes next. */
function decoder(slow: number, vocabulary: number, eos: number): Graph {
  const graph = new Graph('copier_decoder');
  const given = graph.input('input_ids', 'int64', ['batch', 'given']);
  const hidden = graph.input('encoder_hidden_states', 'float', [...source, 1]);
  const past = graph.input('past_key_values.0.decoder.key', 'float', ['batch', 1, 'past', 1]);

  const ids = graph.op('Squeeze', [graph.cast(hidden, 'int64'), graph.ints(2)]);
  const length = graph.size(ids, 1);
  const position = graph.size(past, 2);
  const inside = graph.op('Min', [position, graph.op('Sub', [length, graph.int(1)])]);
  // one position, as a list, so that the axis of time stays
  const token = graph.op('Gather', [ids, graph.op('Unsqueeze', [inside, graph.ints(0)])], { axis: 1 });
  const next = graph.op('Where', [graph.op('Less', [position, length]), token, graph.int(eos)]);
  const offOn = graph.constant('float', [2], [-10, 10]);
  const logits = graph.op('OneHot', [next, graph.int(vocabulary), offOn], { axis: -1 });
  graph.output('logits', 'float', ['batch', 1, vocabulary], slowed(graph, logits, slow));

  const entry = graph.op('Unsqueeze', [graph.cast(given, 'float'), graph.ints(1, 3)]);
  const present = graph.op('Concat', [past, entry], { axis: 2 });
  graph.output('present.0.decoder.key', 'float', ['batch', 1, 'present', 1], present);
  return graph;
}
