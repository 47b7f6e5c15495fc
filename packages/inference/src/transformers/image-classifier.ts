import type { Labels } from '@slipway/contract/labels';
import type { ImageClassifier } from '../engine.ts';
import { decodeImage } from '../images/decode.ts';
import { load, rgbImage } from './library.ts';
import type { LoadOptions } from './load-options.ts';

/**
 * Loads a model that puts an image into one of its classes. The library takes decoded pixels only: a string it would
 * open as a path or a URL.
 */
export async function loadImageClassifier({ id, dir, ...hardware }: LoadOptions): Promise<ImageClassifier> {
  const pipe = await load('image-classification', dir, hardware);
  return {
    model: id,
    async classifyImage({ image, topK }, { report, signal }) {
      report({ ratio: 0, stage: 'decoding', message: 'reading the image' });
      const { data, width, height } = await decodeImage(image);
      signal.throwIfAborted();
      report({ ratio: 0.5, stage: 'classifying', message: `${width} × ${height} pixels` });
      const labels = (await pipe(rgbImage(data, width, height), { top_k: topK })) as Labels;
      return { labels, inputTokens: null };
    },
  };
}
