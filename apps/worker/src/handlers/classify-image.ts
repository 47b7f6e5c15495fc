import type { Handler } from './handler.ts';

export const classifyImage: Handler<'classify-image'> = async ({ input, options }, { models, report, signal }) => {
  const classifier = await models.imageClassifier();
  const request = { image: Buffer.from(input.imageBase64, 'base64'), topK: options.topK };
  const { labels, inputTokens } = await classifier.classifyImage(request, { report, signal });
  return { output: { labels }, model: classifier.model, inputTokens, outputTokens: null };
};
