import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Labels } from '@slipway/contract/labels';
import { makeModels } from '@slipway/models/make';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImageClassifier } from '../engine.ts';
import { testContext } from '../test-context.ts';
import { loadImageClassifier } from './image-classifier.ts';

const id = 'made/colours';
let dir: string;
let model: ImageClassifier;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-image-classifier-'));
  await makeModels(dir);
  model = await loadImageClassifier({ id, dir: path.join(dir, id), dtype: 'fp32', device: 'cpu', threads: 1 });
});
afterAll(() => rm(dir, { recursive: true }));

async function classify(classifier: ImageClassifier, image: Uint8Array, signal?: AbortSignal): Promise<Labels> {
  const { context } = testContext(signal && { signal });
  return (await classifier.classifyImage({ image, topK: 5 }, context)).labels;
}

/** A picture of two pixels by one, as a GIF: the smallest file that holds a colour. */
function gif(red: number, green: number, blue: number): Uint8Array {
  return Uint8Array.from([
    ...[0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, red, green, blue, 0, 0, 0],
    ...[0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b],
  ]);
}
const colours = { red: gif(255, 0, 0), green: gif(0, 255, 0), blue: gif(0, 0, 255), dark: gif(0, 0, 0) };

test('images that come together get their own labels', async () => {
  const images = Object.values(colours);
  const together = await Promise.all([...images, ...images].map((image) => classify(model, image)));
  const names = Object.keys(colours);
  expect(together.map(([first]) => first?.label)).toEqual([...names, ...names]);
  for (const [i, image] of images.entries()) expect(together[i]).toEqual(await classify(model, image));
});

test('a file that is no image fails alone', async () => {
  const [broken, red] = await Promise.allSettled([
    classify(model, Uint8Array.of(1, 2, 3)),
    classify(model, colours.red),
  ]);
  expect(broken).toMatchObject({ status: 'rejected', reason: { code: 'invalid_input' } });
  expect(red).toMatchObject({ status: 'fulfilled', value: [{ label: 'red' }, {}, {}, {}, {}] });
});

test('tells what it reads; no output', async () => {
  const { context, outputs, logs, reports } = testContext();
  const { labels } = await model.classifyImage({ image: colours.blue, topK: 2 }, context);
  expect(labels).toHaveLength(2);
  expect(logs).toEqual(['the image has 1 × 1 pixels']);
  expect(reports.map(({ ratio }) => ratio)).toEqual([0, 0.5]);
  expect(outputs).toEqual([]);
});

test('nothing runs for a job that is already canceled', async () => {
  const canceled = AbortSignal.abort(new Error('canceled before'));
  await expect(classify(model, colours.red, canceled)).rejects.toThrow('canceled before');
});

const pretrained = path.resolve(import.meta.dirname, '../../../../../shared/models/pretrained');
const missing = existsSync(pretrained) ? '' : ' (skipped: ../shared/models/pretrained is not there)';
describe.skipIf(missing !== '')(`real weights${missing}`, () => {
  // its 8-bit activations are rounded otherwise in a batch: scores were seen to differ by 4e-4
  test('images that come together get the labels that they get alone', async () => {
    const mobileNet = await loadImageClassifier({
      id: 'google/mobilenet_v2_1.0_224',
      dir: path.join(pretrained, 'google/mobilenet_v2_1.0_224'),
      dtype: 'q8',
      device: 'cpu',
      threads: 1,
    });
    const files = ['burger.jpg', 'cat.jpg', 'hot_dog.jpg'].map((name) => path.join(pretrained, 'images', name));
    const images = await Promise.all(files.map((file) => readFile(file)));
    const together = await Promise.all(images.map((image) => classify(mobileNet, image)));
    expect(together.map(([first]) => first?.label)).toEqual(['cheeseburger', 'Egyptian cat', 'hotdog']);
    for (const [i, image] of images.entries()) expect(together[i]).toEqual(await classify(mobileNet, image));
  });
});
