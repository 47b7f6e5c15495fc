import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Labels } from '@slipway/contract/labels';
import { lexicon } from '@slipway/models/lexicon';
import { makeModels, writeModel } from '@slipway/models/make';
import { Graph } from '@slipway/models/onnx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TextClassifier } from '../engine.ts';
import { testContext } from '../test-context.ts';
import { loadTextClassifier } from './text-classifier.ts';

const hardware = { dtype: 'fp32', device: 'cpu', threads: 1 } as const;
const id = 'made/lexicon';
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-text-classifier-'));
  await makeModels(dir);
});
afterAll(() => rm(dir, { recursive: true }));

async function classify(model: TextClassifier, text: string, signal?: AbortSignal): Promise<Labels> {
  const { context } = testContext(signal && { signal });
  return (await model.classifyText({ text, topK: 10 }, context)).labels;
}

const texts = [
  'Good.',
  'It was bad, and then it was worse; nothing to recommend.',
  '',
  'so so',
  'great great great',
  `A long and ${'rather '.repeat(100)} boring story.`,
  `A very long and ${'rather '.repeat(900)} boring story with a happy end.`,
  ...Array.from(
    { length: 40 },
    (_, i) => `${'good '.repeat(i % 7)}${'bad '.repeat(i % 5)} number ${i} ${'of many '.repeat(i)}`,
  ),
];

/** All at once must give what each gives alone; labels of equal score may change places. */
async function expectTheSame(model: TextClassifier, some: string[]): Promise<void> {
  const byName = (labels: Labels) => Object.fromEntries(labels.map(({ label, score }) => [label, score]));
  const together = await Promise.all(some.map((text) => classify(model, text)));
  for (const [i, text] of some.entries()) {
    const alone = byName(await classify(model, text));
    const scores = byName(together[i] ?? []);
    expect(Object.keys(scores).toSorted()).toEqual(Object.keys(alone).toSorted());
    for (const [label, score] of Object.entries(scores)) expect(score, text).toBeCloseTo(alone[label] as number, 4);
  }
}

test('texts that come together get the labels that they get alone', async () => {
  const model = await loadTextClassifier({ id, dir: path.join(dir, id), ...hardware });
  await expectTheSame(model, texts);
});

test('a long text is read in parts, and tells so; no output', async () => {
  const model = await loadTextClassifier({ id, dir: path.join(dir, id), ...hardware });
  const { context, reports, outputs, logs } = testContext();
  const text = `${'good house '.repeat(100)}. `.repeat(100);
  const { inputTokens } = await model.classifyText({ text, topK: 3 }, context);
  expect(inputTokens).toBe(20_100);
  expect(logs).toEqual(['reading 20,100 tokens in 64 parts']);
  expect(reports.map(({ ratio }) => ratio)).toEqual(Array.from({ length: 64 }, (_, i) => (i + 1) / 64));
  expect(outputs).toEqual([]);
});

test('an abort rejects at once, and its neighbours are computed', async () => {
  const model = await loadTextClassifier({ id, dir: path.join(dir, id), ...hardware });
  const controller = new AbortController();
  const dropped = classify(model, 'Good.', controller.signal);
  const kept = classify(model, 'Bad.');
  setImmediate(() => controller.abort(new Error('canceled')));
  await expect(dropped).rejects.toThrow('canceled');
  expect((await kept)[0]?.label).toBe('NEGATIVE');
});

/** The lexicon's shape, with other scores: what `mix` makes of those of its tokens, [batch, tokens, 3]. */
async function variant(name: string, mix: (graph: Graph, scores: string) => string): Promise<TextClassifier> {
  const made = lexicon(0);
  const graph = new Graph(name);
  const ids = graph.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
  const rows = Array.from({ length: 1000 }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(7 * i)]);
  const table = graph.constant('float', [1000, 3], rows.flat());
  graph.output('logits', 'float', ['batch_size', 3], mix(graph, graph.op('Gather', [table, ids], { axis: 0 })));
  const folder = path.join(dir, name);
  await writeModel(folder, { ...made, id: `made/${name}`, onnx: { 'onnx/model.onnx': graph } });
  return loadTextClassifier({ id: `made/${name}`, dir: folder, ...hardware });
}

test('a model that takes padding for text gets texts of equal length together only', async () => {
  const model = await variant('padding', (graph, scores) =>
    graph.op('ReduceMean', [scores], { axes: [1], keepdims: 0 }),
  );
  await expectTheSame(model, texts);
});

test('a model in which rows change one another gets one at a time', async () => {
  const model = await variant('sharing', (graph, scores) => {
    const mean = graph.op('ReduceMean', [scores], { axes: [1], keepdims: 0 });
    return graph.op('Add', [mean, graph.op('ReduceMax', [mean], { axes: [0], keepdims: 1 })]);
  });
  await expectTheSame(model, texts);
});

const pretrained = path.resolve(import.meta.dirname, '../../../../../shared/models/pretrained');
const missing = existsSync(pretrained) ? '' : ' (skipped: ../shared/models/pretrained is not there)';
describe.skipIf(missing !== '')(`real weights${missing}`, () => {
  test('texts that come together get the labels that they get alone', async () => {
    const folder = path.join(pretrained, 'tensorflow/wordvec-movie-review-sentiment');
    const model = await loadTextClassifier({ id: 'tensorflow/wordvec', dir: folder, ...hardware });
    await expectTheSame(model, texts);
  });
});
