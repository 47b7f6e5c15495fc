import type { MadeModel } from './model.ts';
import { Graph, type Value } from './onnx.ts';
import { slowed } from './slow.ts';
import { byteTokenizer } from './tokenizers.ts';

const special = { pad: '<|endoftext|>', start: '<|im_start|>', end: '<|im_end|>' };

/** ChatML. Source: https://github.com/openai/openai-python/blob/120d225b91a8453e15240a49fb1c6794d8119326/chatml.md */
const chatTemplate = [
  '{% for message in messages %}',
  `{{ '${special.start}' + message['role'] + '\\n' + message['content'] + '${special.end}\\n' }}`,
  '{% endfor %}',
  `{% if add_generation_prompt %}{{ '${special.start}assistant\\n' }}{% endif %}`,
].join('');

/**
 * A chat model that repeats the last message of the user, byte by byte, then ends. Shaped like Llama, with a cache. A
 * prompt that has no turn of the assistant at its end, because it was cut or is no chat, gets an empty answer. Its
 * window is 2,048 tokens.
 */
export function echo(slow: number): MadeModel {
  const tokenizer = byteTokenizer(Object.values(special));
  const vocabulary = Object.keys(tokenizer.ids).length;
  const tokenIds = { bos_token_id: 1, eos_token_id: 2, pad_token_id: 0 };
  return {
    id: 'made/echo',
    json: {
      'config.json': {
        model_type: 'llama',
        architectures: ['LlamaForCausalLM'],
        is_encoder_decoder: false,
        vocab_size: vocabulary,
        max_position_embeddings: 2048,
        hidden_size: 1,
        intermediate_size: 1,
        num_hidden_layers: 1,
        num_attention_heads: 1,
        num_key_value_heads: 1,
        head_dim: 1,
        ...tokenIds,
      },
      'generation_config.json': tokenIds,
      'tokenizer.json': tokenizer.json,
      'tokenizer_config.json': {
        tokenizer_class: 'GPT2Tokenizer',
        bos_token: special.start,
        eos_token: special.end,
        pad_token: special.pad,
        unk_token: special.pad,
        model_max_length: 2048,
        clean_up_tokenization_spaces: false,
        chat_template: chatTemplate,
      },
    },
    onnx: { 'onnx/model.onnx': decoder(slow, tokenizer.ids) },
  };
}

/** The cache keeps all ids so far, as numbers: where the last turns begin tells which of them comes next. */
function decoder(slow: number, ids: Record<string, number>): Graph {
  const graph = new Graph('echo');
  const cache = ['batch_size', 1, 'past_sequence_length', 1];
  const given = graph.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
  const pastKey = graph.input('past_key_values.0.key', 'float', cache);
  const pastValue = graph.input('past_key_values.0.value', 'float', cache);

  const entry = graph.op('Unsqueeze', [graph.cast(given, 'float'), graph.ints(1, 3)]);
  const key = graph.op('Concat', [pastKey, entry], { axis: 2 });
  const value = graph.op('Concat', [pastValue, entry], { axis: 2 });
  const history = graph.cast(graph.op('Squeeze', [key, graph.ints(1, 3)]), 'int64');

  const next = nextToken(graph, history, ids);
  const offOn = graph.constant('float', [2], [-10, 10]);
  const logits = graph.op('OneHot', [next, graph.int(Object.keys(ids).length), offOn], { axis: -1 });
  graph.output('logits', 'float', ['batch_size', 1, Object.keys(ids).length], slowed(graph, logits, slow));
  const grown = ['batch_size', 1, 'total_sequence_length', 1];
  graph.output('present.0.key', 'float', grown, key);
  graph.output('present.0.value', 'float', grown, value);
  return graph;
}

/** The tokens that follow the beginnings of all texts of a batch: [batch, 1]. */
function nextToken(graph: Graph, history: Value, ids: Record<string, number>): Value {
  const length = graph.size(history, 1);
  const positions = graph.op('Range', [graph.int(0), length, graph.int(1)]);
  const starts = graph.op('Equal', [history, graph.int(id(ids, special.start))]);
  // a turn of the user: its beginning, followed by the u
  const followed = graph.op('Slice', [history, graph.ints(1), graph.ints(Number.MAX_SAFE_INTEGER), graph.ints(1)]);
  const afterEach = graph.op('Pad', [followed, graph.ints(0, 0, 0, 1)]);
  const users = graph.op('And', [starts, graph.op('Equal', [afterEach, graph.int(id(ids, 'u'))])]);

  const user = lastOf(graph, users, positions);
  const assistant = lastOf(graph, starts, positions);
  // as far into the message as the answer is long; after the last turn's beginning lie its name and the answer
  const said = graph.op('Sub', [length, graph.op('Add', [assistant, graph.int(beginning('assistant'))])]);
  const wanted = graph.op('Add', [graph.op('Add', [user, graph.int(beginning('user'))]), said]);
  const inside = graph.op('Max', [graph.op('Min', [wanted, assistant]), graph.int(0)]);
  const token = graph.op('GatherElements', [history, inside], { axis: 1 });
  const begun = graph.op('GreaterOrEqual', [said, graph.int(0)]);
  const unfinished = graph.op('And', [begun, graph.op('Less', [wanted, assistant])]);
  return graph.op('Where', [unfinished, token, graph.int(id(ids, special.end))]);
}

/** The last position that is marked, or 0: [batch, 1]. */
function lastOf(graph: Graph, marks: Value, positions: Value): Value {
  const marked = graph.op('Mul', [graph.cast(marks, 'int64'), positions]);
  return graph.op('ReduceMax', [marked], { axes: [1], keepdims: 1 });
}

/** How many tokens stand before the text of a message: its special token, and the role and its line end as bytes. */
function beginning(role: string): number {
  return 1 + `${role}\n`.length;
}

function id(ids: Record<string, number>, token: string): number {
  const found = ids[token];
  if (found === undefined) throw new Error(`no token ${token}`);
  return found;
}
