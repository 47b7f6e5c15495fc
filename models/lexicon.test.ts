import type { TextClassificationPipeline } from '@huggingface/transformers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTestModels } from './test-models.ts';

let models: Awaited<ReturnType<typeof makeTestModels>>;
let classify: TextClassificationPipeline;

beforeAll(async () => {
  models = await makeTestModels();
  classify = await models.load('text-classification', 'made/lexicon');
});
afterAll(async () => {
  await classify.dispose();
  await models.remove();
});

test.each([
  ['What a wonderful film, I LOVED it!', 'POSITIVE'],
  ['Terrible service. I want a refund.', 'NEGATIVE'],
  ['The parcel came on Tuesday.', 'NEUTRAL'],
  ['Good food, bad music.', 'NEUTRAL'],
  ['Good food, great wine, bad music.', 'POSITIVE'],
  ['A badge and some goods.', 'NEUTRAL'],
  ['最高の一日でした 😀', 'NEUTRAL'],
  ['', 'NEUTRAL'],
])('%j is %s', async (text, label) => {
  expect(await classify(text)).toMatchObject([{ label }]);
});

test('gives a probability to each label', async () => {
  // softmax of 3, 1.5 and -3
  const scores = await classify('good', { top_k: 3 });
  expect(scores).toEqual([
    { label: 'POSITIVE', score: expect.closeTo(0.816, 3) },
    { label: 'NEUTRAL', score: expect.closeTo(0.182, 3) },
    { label: 'NEGATIVE', score: expect.closeTo(0.002, 3) },
  ]);
});

test('a batch gives the very scores of its texts one by one', async () => {
  const texts = ['Good.', `A long and ${'rather '.repeat(100)} boring story.`, '', 'so so', 'great great great'];
  const batch = await classify(texts, { top_k: 3 });
  const singles = [];
  for (const text of texts) singles.push(await classify(text, { top_k: 3 }));
  expect(batch).toEqual(singles);
});

test('padding adds nothing, whatever it holds', async () => {
  const { input_ids, attention_mask } = classify.tokenizer(['good', 'bad bad bad bad'], { padding: true });
  const scores = async () => (await classify.model({ input_ids, attention_mask })).logits.tolist();
  const expected = [
    [-3, 1.5, 3],
    [12, 1.5, -12],
  ];
  expect(await scores()).toEqual(expected);
  input_ids.data.fill(input_ids.data[1], 3, 6); // "good" in place of the padding of the first text
  expect(await scores()).toEqual(expected);
});

test('reads 512 tokens and no more', async () => {
  expect(classify.tokenizer.model_max_length).toBe(512);
  const filler = 'word '.repeat(509);
  expect(await classify(`${filler} good bad bad`)).toMatchObject([{ label: 'NEUTRAL' }]);
  expect(await classify(`${filler} good word bad bad`)).toMatchObject([{ label: 'POSITIVE' }]);
});
