import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type SummarizationPipeline, Tensor } from '@huggingface/transformers';
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
async function step(token: number, encoded: Tensor, past?: Record<string, Tensor>) {
  const decoder_input_ids = new Tensor('int64', [BigInt(token)], [1, 1]);
  const inputs = { encoder_outputs: encoded, decoder_input_ids, ...(past && { past_key_values: past }) };
  const { logits, ...present } = (await summarize.model(inputs)) as Record<string, Tensor>;
  const cache = Object.entries(present).map(([name, value]) => [name.replace('present', 'past_key_values'), value]);
  return { logits: logits?.tolist(), cache: Object.fromEntries(cache) as Record<string, Tensor> };
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

test.each([0, -1, 1.5, 2 ** 32])('%d is no seed', async (seed) => {
  await expect(makeBigModel(models.dir, { seed, sizes })).rejects.toThrow(`no seed: ${seed}`);
});
