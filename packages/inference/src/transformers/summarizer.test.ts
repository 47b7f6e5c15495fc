import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeModels } from '@slipway/models/make';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SummaryRequest } from '../engine.ts';
import { testContext } from '../test-context.ts';
import { type LoadedSummarizer, loadSummarizer } from './summarizer.ts';
import { outside } from './test-outside.ts';

let dir: string;
let copier: LoadedSummarizer;
const never = new AbortController().signal;
const options = { id: 'made/copier', dtype: 'fp32', device: 'cpu', threads: 1 } as const;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-summarizer-'));
  await makeModels(dir);
  await makeModels(path.join(dir, 'slow'), { slow: 256 });
  copier = await loadSummarizer({ ...options, dir: path.join(dir, options.id) });
});
afterAll(async () => {
  await copier.dispose();
  await rm(dir, { recursive: true });
});

function run(request: Partial<SummaryRequest> & { text: string }, signal = never) {
  const { context, ...told } = testContext({ signal });
  const summary = copier.summarize({ minTokens: 1, maxTokens: 200, format: 'paragraph', ...request }, context);
  return { summary, ...told };
}

test('a short text gives itself back', async () => {
  expect(copier).toMatchObject({ engine: 'transformers', model: 'made/copier' });
  const text = 'Ünïcode, 漢字 and 😀 too.';
  const bytes = Buffer.byteLength(text);
  expect(await run({ text }).summary).toEqual({ summary: text, inputTokens: bytes, outputTokens: bytes });
});

test('a summary ends at maxTokens', async () => {
  const summary = await run({ text: 'The quick brown fox jumps.', maxTokens: 9 }).summary;
  expect(summary).toEqual({ summary: 'The quick', inputTokens: 26, outputTokens: 9 });
});

test.each([
  'Ünïcode, 漢字 and 😀 too. And so on; for it\u2019s “text” like any other.',
  '  between   spaces \n\n ',
  "It 's plain that we don 't , as they 've said , tidy it .",
  ' ',
  '\uFFFD is a character \uFFFD',
  `😀${' '.repeat(40)}👩‍👩‍👧‍👦`,
])('what is sent is the summary: %j', async (text) => {
  for (const maxTokens of [200, 40, 12, 11, 10, 9, 2, 1]) {
    const { summary, outputs } = run({ text, maxTokens });
    const result = await summary;
    expect(outputs.join('')).toBe(result.summary);
    expect(outputs).not.toContain('');
    expect(text).toContain(result.summary);
  }
});

test('the first words are sent before the last are written', async () => {
  const { context, outputs, reports } = testContext();
  const sentAt: number[] = [];
  const output = (text: string) => {
    outputs.push(text);
    sentAt.push(reports.length);
  };
  await copier.summarize({ text: 'One two.', minTokens: 1, maxTokens: 9, format: 'paragraph' }, { ...context, output });
  expect(outputs).toEqual(['O', 'n', 'e', ' t', 'w', 'o', '.']);
  expect(sentAt).toEqual([1, 2, 3, 5, 6, 7, 8]);
});

test('bullets are sent at once', async () => {
  const { summary, outputs } = run({ text: 'The first. The second.', format: 'bullets' });
  expect(outputs).toEqual([]);
  expect(outputs).toEqual([(await summary).summary]);
});

test('special tokens in the text are plain text', async () => {
  const { summary } = await run({ text: 'It ends</s> not here, <pad> goes on.' }).summary;
  expect(summary).toBe('It ends< /s> not here, < pad> goes on.');
});

test('bullets are one line per sentence', async () => {
  const { summary } = await run({ text: 'The first. The second.', format: 'bullets' }).summary;
  expect(summary).toBe('- The first.\n- The second.');
});

test('a minimum above the length of the text changes nothing', async () => {
  expect((await run({ text: 'Short.', minTokens: 100 }).summary).summary).toBe('Short.');
});

/** The copier with some settings of its own in one of its files. */
async function variant(name: string, file: string, settings: object): Promise<LoadedSummarizer> {
  const folder = path.join(dir, name);
  await makeModels(folder);
  const changed = path.join(folder, options.id, file);
  const before = JSON.parse(await readFile(changed, 'utf8')) as object;
  await writeFile(changed, JSON.stringify({ ...before, ...settings }));
  return loadSummarizer({ ...options, dir: path.join(folder, options.id) });
}

async function messagesFor(model: LoadedSummarizer, text: string): Promise<string[]> {
  const { context, reports } = testContext();
  await model.summarize({ text, minTokens: 1, maxTokens: 2000, format: 'paragraph' }, context);
  return reports.map(({ message }) => message);
}

test("a model's own least length does not count", async () => {
  const model = await variant('verbose', 'generation_config.json', { min_length: 100 });
  expect(await messagesFor(model, 'Twelve bytes')).toHaveLength(14);
  await model.dispose();
});

test.each([
  ['says 1024 tokens', 'config.json', {}, 1023],
  ['sets no limit', 'tokenizer_config.json', { model_max_length: 1e30 }, 1023],
  [
    'puts words before the text',
    'config.json',
    { task_specific_params: { summarization: { prefix: 'shorter: ' } } },
    1014,
  ],
  ['knows few positions', 'config.json', { max_position_embeddings: 100 }, 99],
])('a text is split where it does not fit into a model that %s', async (name, file, settings, most) => {
  const model = await variant(name, file, settings);
  expect((await messagesFor(model, 'x'.repeat(most)))[0]).toBe('writing the summary');
  expect((await messagesFor(model, 'x'.repeat(most + 1)))[0]).toBe('part 1 of 2');
  await model.dispose();
});

test('a model that reads next to nothing is refused', async () => {
  const loading = variant('tiny', 'config.json', { max_position_embeddings: 8 });
  await expect(loading).rejects.toThrow('made/copier reads only 7 tokens at once');
});

test('a text of 60 KB is split, summarized and joined within the bounds', async () => {
  const text = Array.from({ length: 1450 }, (_, i) => `This is the sentence with the number ${1000 + i}. `).join('');
  const { summary, reports, outputs, logs } = run({ text, minTokens: 50, maxTokens: 150 });
  const result = await summary;
  expect(outputs.join('')).toBe(result.summary);
  expect(logs.slice(0, 2)).toEqual(['reading 62,350 tokens in 64 parts', 'round 2: 3 parts']);
  expect(result.inputTokens).toBe(Buffer.byteLength(text));
  expect(result.inputTokens).toBeGreaterThan(60_000);
  expect(result.outputTokens).toBe(150);
  expect(result.summary).toMatch(
    /^This is the sentence with the number 1000\. This is the sentence with the number 10/,
  );
  const messages = [...new Set(reports.map(({ message }) => message))];
  expect(messages[0]).toBe('part 1 of 64');
  expect(messages).toContain('round 2, part 1 of 3');
  expect(messages.at(-1)).toBe('joining 64 parts');
  expect(reports.every(({ stage }) => stage === 'summarizing')).toBe(true);
  expect(reports.at(-1)?.ratio).toBe(1);
});

test('tells of every token', async () => {
  const { summary, reports } = run({ text: 'Twelve bytes' });
  await summary;
  // one report at the start, one for each byte, one for the end of the text
  expect(reports).toHaveLength(14);
  expect(reports[6]).toEqual({ ratio: 0.5, stage: 'summarizing', message: 'writing the summary' });
});

test('nothing runs for a job that is already canceled', async () => {
  const { summary, reports } = run({ text: 'Too late.' }, AbortSignal.abort(new Error('canceled before')));
  await expect(summary).rejects.toThrow('canceled before');
  expect(reports).toEqual([]);
});

// from outside the model's own calls, as a message to the process would come
test.each(outside)('an abort by %s stops a slow model after the step being computed', async (_, later) => {
  const slow = await loadSummarizer({ ...options, dir: path.join(dir, 'slow', options.id) });
  const controller = new AbortController();
  const canceled = new Error('canceled');
  let tokens = 0;
  let tokensAtAbort = 0;
  const report = () => {
    tokens += 1;
    if (tokens !== 5) return;
    later(() => {
      tokensAtAbort = tokens;
      controller.abort(canceled);
    });
  };
  const request = { text: 'word '.repeat(150), minTokens: 1, maxTokens: 700, format: 'paragraph' } as const;
  const { context } = testContext({ report, signal: controller.signal });
  await expect(slow.summarize(request, context)).rejects.toBe(canceled);
  expect(tokensAtAbort).toBeGreaterThanOrEqual(5);
  expect(tokensAtAbort).toBeLessThan(20);
  expect(tokens - tokensAtAbort).toBeLessThanOrEqual(1);
  await slow.dispose();
});

test('a slow model says the same', async () => {
  const slow = await loadSummarizer({ ...options, dir: path.join(dir, 'slow', options.id) });
  const { context } = testContext();
  const request = { text: 'The same text.', minTokens: 1, maxTokens: 50, format: 'paragraph' } as const;
  expect((await slow.summarize(request, context)).summary).toBe('The same text.');
  await slow.dispose();
});

test.each(['tokenizer.json', 'tokenizer_config.json', 'config.json', 'onnx/decoder_model_merged.onnx'])(
  'a model without %s is refused, and loads once the file is there',
  async (file) => {
    const broken = path.join(dir, 'broken');
    await makeModels(broken);
    const model = path.join(broken, options.id);
    await rename(path.join(model, file), path.join(dir, 'aside'));
    await expect(loadSummarizer({ ...options, dir: model })).rejects.toThrow();
    await rename(path.join(dir, 'aside'), path.join(model, file));
    const loaded = await loadSummarizer({ ...options, dir: model });
    await loaded.dispose();
  },
);

test('a number format whose weights are missing is refused, not replaced', async () => {
  const loading = loadSummarizer({ ...options, dtype: 'q8', dir: path.join(dir, options.id) });
  await expect(loading).rejects.toThrow(/coder_model(_merged)?_quantized\.onnx/);
});
