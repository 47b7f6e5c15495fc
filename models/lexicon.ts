import type { MadeModel } from './model.ts';
import { Graph } from './onnx.ts';
import { slowed } from './slow.ts';
import { wordSpecial, wordTokenizer } from './tokenizers.ts';

const good = words(`
  amazing awesome beautiful best better brilliant charming cheerful clean comfortable delicious delighted delightful
  easy elegant enjoy enjoyed excellent exciting fantastic fast favorite favourite flawless friendly fun generous glad
  good gorgeous grateful great happy helpful impressive incredible joy kind like liked love loved lovely lucky nice
  outstanding perfect perfectly pleasant pleased polite positive recommend reliable satisfied smart smooth solid
  splendid strong super superb thank thanks useful well win winner wonderful works worth
`);
const bad = words(`
  angry annoying awful bad boring broke broken bug cheap complain confusing crash cruel damaged defective disappointed
  disappointing disappointment disaster disgusting dirty dreadful dull error fail failed fails failure fake fault
  faulty flawed frustrating hate hated horrible horrid ignored inferior lost mediocre mess miserable missing negative
  nasty noisy pain painful pathetic poor poorly problem refund regret ridiculous rude ruined sad scam slow stupid
  terrible tragic ugly unacceptable unhappy unhelpful unreliable useless waste wasted weak worse worst wrong
`);
const labels = ['NEGATIVE', 'NEUTRAL', 'POSITIVE'];

/** What one word adds to the scores, in the order of the labels. Whole numbers: their sum is exact in any order. */
const goodWord = [-3, 0, 3];
const badWord = [3, 0, -3];
/** What a text has from the start: without any of the words it is neutral, with a probability of 0.71. */
const start = [0, 1.5, 0];

/**
 * A classifier that counts good and bad words, as many of one kind as of the other being neutral. Shaped like
 * DistilBERT. Padding adds nothing, so that a batch gives the scores of its texts one by one. Its window is 512 tokens.
 */
export function lexicon(slow: number): MadeModel {
  const tokenizer = wordTokenizer([...good, ...bad]);
  return {
    id: 'made/lexicon',
    json: {
      'config.json': {
        model_type: 'distilbert',
        architectures: ['DistilBertForSequenceClassification'],
        vocab_size: Object.keys(tokenizer.ids).length,
        max_position_embeddings: 512,
        dim: 3,
        hidden_dim: 3,
        n_heads: 1,
        n_layers: 1,
        pad_token_id: 0,
        id2label: Object.fromEntries(labels.entries()),
        label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
      },
      'tokenizer.json': tokenizer.json,
      'tokenizer_config.json': {
        tokenizer_class: 'DistilBertTokenizer',
        do_lower_case: true,
        pad_token: wordSpecial.pad,
        unk_token: wordSpecial.unk,
        cls_token: wordSpecial.cls,
        sep_token: wordSpecial.sep,
        mask_token: wordSpecial.mask,
        model_max_length: 512,
      },
    },
    onnx: { 'onnx/model.onnx': classifier(slow, Object.keys(tokenizer.ids)) },
  };
}

/** The sum of what the tokens of a text add, those of its padding left out. */
function classifier(slow: number, vocabulary: string[]): Graph {
  const graph = new Graph('lexicon');
  const ids = graph.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
  const mask = graph.input('attention_mask', 'int64', ['batch_size', 'sequence_length']);
  const table = graph.constant('float', [vocabulary.length, 3], vocabulary.flatMap(scoresOf));
  const scores = graph.op('Gather', [table, ids], { axis: 0 });
  const kept = graph.op('Mul', [scores, graph.op('Unsqueeze', [graph.cast(mask, 'float'), graph.ints(2)])]);
  const sum = graph.op('ReduceSum', [kept, graph.ints(1)], { keepdims: 0 });
  const logits = graph.op('Add', [sum, graph.constant('float', [3], start)]);
  graph.output('logits', 'float', ['batch_size', 3], slowed(graph, logits, slow));
  return graph;
}

function scoresOf(token: string): number[] {
  if (good.includes(token)) return goodWord;
  return bad.includes(token) ? badWord : [0, 0, 0];
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
