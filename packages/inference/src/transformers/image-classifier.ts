import type { Labels } from '@slipway/contract/labels';
import { decodeImage } from '@slipway/files/images/decode';
import type { ImageClassifier } from '../engine.ts';
import { load, rgbImage } from './library.ts';
import type { LoadOptions } from './load-options.ts';
import { createMicroBatch } from './micro-batch.ts';
import { batchLimits } from './plan-batches.ts';
import { imageProbes, measureSharing } from './sharing.ts';

type Image = ReturnType<typeof rgbImage>;

/** What an image costs beside others, in tokens of a text: a vision transformer cuts it into about as many patches. */
const imageLength = 256;

/**
 * Loads a model that puts an image into one of its classes. The library takes decoded pixels only: a string it would
 * open as a path or a URL.
 */
export async function loadImageClassifier({ id, dir, ...hardware }: LoadOptions): Promise<ImageClassifier> {
  const pipe = await load('image-classification', dir, hardware);
  // null: every label; the declarations only know numbers
  const allLabels = { top_k: null as unknown as number };
  const runBatch = async (images: Image[]) => (await pipe(images, allLabels)) as unknown as Labels[];
  const batch = createMicroBatch({
    runBatch,
    // all images have the same size once the library has prepared them
    measureSharing: () => measureSharing(runBatch, imageProbes(rgbImage)),
    limits: batchLimits(hardware.device),
  });
  return {
    model: id,
    async classifyImage({ image, topK }, { report, log, signal }) {
      report({ ratio: 0, stage: 'decoding', message: 'reading the image' });
      const { data, width, height } = await decodeImage(image);
      signal.throwIfAborted();
      log(`the image has ${width.toLocaleString('en')} × ${height.toLocaleString('en')} pixels`);
      report({ ratio: 0.5, stage: 'classifying', message: `${width} × ${height} pixels` });
      const labels = await batch.add(rgbImage(data, width, height), imageLength, signal);
      return { labels: labels.slice(0, topK), inputTokens: null };
    },
  };
}
