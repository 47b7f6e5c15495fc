import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline, type SummarizationPipeline, Tensor } from '@huggingface/transformers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBigModel } from './big.ts';
import { makeTestModels } from './test-models.ts';

/** The same graphs as those of the large model, in a few KB. */
const sizes = { vocabulary: 300, model: 16, inner: 32, heads: 2, head: 8, layers: 2 };
let models: Awaited<ReturnType<typeof makeTestModels>>;
let summarize: SummarizationPipeline;

beforeAll(async () => {
  models = await makeTestModels();
  summarize = await models.load('summarization', await makeBigModel(models.dir, { sizes }));
});
afterAll(async () => {
  await summarize.dispose();
  await models.remove();
});

/** Scores of the next token, and the cache as the next step takes it. */
async function step(token: number, encoded: Tensor, past?: Record<string, Tensor>, { model } = summarize) {
  const decoder_input_ids = new Tensor('int64', [BigInt(token)], [1, 1]);
  const inputs = { encoder_outputs: encoded, decoder_input_ids, ...(past && { past_key_values: past }) };
  const { logits, ...present } = (await model(inputs)) as Record<string, Tensor>;
  const cache = Object.entries(present).map(([name, value]) => [name.replace('present', 'past_key_values'), value]);
  return { logits: logits?.tolist(), cache: Object.fromEntries(cache) as Record<string, Tensor> };
}

/** The scores of what can be written: the others are far below. */
function letters(logits: unknown): number[] {
  return (logits as number[][][]).flat(2).filter((score) => score > -1e3);
}

function correlation(a: number[], b: number[]): number {
  const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = (x: number[], meanX: number, y: number[], meanY: number) =>
    mean(x.map((number, i) => (number - meanX) * ((y[i] as number) - meanY)));
  return product(a, meanA, b, meanB) / Math.sqrt(product(a, meanA, a, meanA) * product(b, meanB, b, meanB));
}

function randomLike(length: number, seed: number): Tensor {
  const numbers = Array.from({ length: length * sizes.model }, (_, i) => Math.sin(seed + i * i));
  return new Tensor('float32', numbers, [1, length, sizes.model]);
}

/** The cache of a step, with what the first step made of the source. */
const kept = (first: Record<string, Tensor>, later: Record<string, Tensor>) => ({
  ...later,
  ...Object.fromEntries(Object.entries(first).filter(([name]) => name.includes('encoder'))),
});

test('writes letters until the limit, the same each time', async () => {
  const write = async (text: string) => (await summarize(text, { max_new_tokens: 40 }))[0]?.summary_text;
  const written = await write('Some text.');
  expect(written).toMatch(/^[a-z ]{40}$/);
  expect(await write('Some text.')).toBe(written);
  expect(await write('Quite another one, 漢字.')).toMatch(/^[a-z ]{40}$/);
});

test('reads the source once: what was made of it comes from the cache', async () => {
  const source = randomLike(5, 1);
  const first = await step(0, source);
  expect(first.cache['past_key_values.1.encoder.key']?.dims).toEqual([1, 2, 5, 8]);
  const second = await step(9, source, first.cache);
  expect(second.cache['past_key_values.1.encoder.key']?.dims).toEqual([1, 2, 0, 8]);
  expect(second.cache['past_key_values.1.decoder.value']?.dims).toEqual([1, 2, 2, 8]);
  expect((await step(9, randomLike(5, 2), first.cache)).logits).toEqual(second.logits);
  const other = await step(0, randomLike(5, 2));
  expect((await step(9, source, kept(other.cache, first.cache))).logits).not.toEqual(second.logits);
});

test('what was written before counts', async () => {
  const source = randomLike(5, 1);
  const after = async (token: number) => {
    const first = await step(0, source);
    const second = await step(token, source, first.cache);
    return (await step(9, source, kept(first.cache, second.cache))).logits;
  };
  expect(await after(5)).toEqual(await after(5));
  expect(await after(5)).not.toEqual(await after(6));
});

test('a seed gives the same bytes each time, another seed others', async () => {
  const made = async (folder: string, seed: number) => {
    const id = await makeBigModel(path.join(models.dir, folder), { seed, sizes });
    return readFile(path.join(models.dir, folder, id, 'onnx/decoder_model_merged.onnx'));
  };
  const first = await made('first', 7);
  expect(first.equals(await made('second', 7))).toBe(true);
  expect(first.equals(await made('third', 8))).toBe(false);
});

test('the same weights in 8 bits give nearly the same scores', async () => {
  const id = 'made/big';
  const exact = await step(0, randomLike(5, 1));
  const small = await pipeline('summarization', id, { dtype: 'q8', device: 'cpu' });
  const close = await step(0, randomLike(5, 1), undefined, small);
  await small.dispose();
  const [a, b] = [letters(exact.logits), letters(close.logits)];
  expect(b).not.toEqual(a);
  expect(correlation(a, b)).toBeGreaterThan(0.95);
});

test.each([0, -1, 1.5, 2 ** 32])('%d is no seed', async (seed) => {
  await expect(makeBigModel(models.dir, { seed, sizes })).rejects.toThrow(`no seed: ${seed}`);
});
