import { type ImageClassificationPipeline, RawImage } from '@huggingface/transformers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTestModels } from './test-models.ts';

let models: Awaited<ReturnType<typeof makeTestModels>>;
let classify: ImageClassificationPipeline;

beforeAll(async () => {
  models = await makeTestModels();
  classify = await models.load('image-classification', 'made/colours');
});
afterAll(async () => {
  await classify.dispose();
  await models.remove();
});

/** An image whose pixels are these colours in turn, row by row. */
function imageOf(width: number, height: number, ...pixels: number[][]): RawImage {
  const data = Uint8ClampedArray.from(
    Array.from({ length: width * height }, (_, i) => pixels[i % pixels.length] as number[]).flat(),
  );
  return new RawImage(data, width, height, pixels[0]?.length as 1 | 3 | 4);
}

const red = imageOf(100, 80, [220, 20, 20]);
const green = imageOf(80, 100, [10, 200, 30]);
const blue = imageOf(1, 1, [10, 20, 230]);
const dark = imageOf(64, 64, [10, 10, 10]);
const light = imageOf(300, 20, [250, 250, 250]);

test.each([
  ['red', red],
  ['green', green],
  ['blue', blue],
  ['dark', dark],
  ['light', light],
  ['dark', imageOf(40, 40, [0])], // one channel: grey
  ['blue', imageOf(40, 40, [0, 0, 255, 255])], // four: with opacity
  ['red', imageOf(64, 64, [255, 0, 0], [255, 0, 0], [255, 0, 0], [0, 255, 0])], // three of four pixels
])('sees %s', async (label, image) => {
  const [best] = await classify(image, { top_k: 1 });
  expect(best?.label).toBe(label);
  expect(best?.score).toBeGreaterThan(0.7);
});

test('gives a probability to each label', async () => {
  const scores = await classify(red);
  expect(scores.map(({ label }) => label).sort()).toEqual(['blue', 'dark', 'green', 'light', 'red']);
  expect(scores.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
});

test('a batch gives the scores of its images one by one', async () => {
  const images = [red, green, blue, dark, light];
  const singles = [];
  for (const image of images) singles.push(await classify(image));
  expect(await classify(images)).toEqual(singles);
});
