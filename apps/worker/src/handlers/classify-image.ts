import type { Handler } from './handler.ts';

export const classifyImage: Handler<'classify-image'> = async ({ input, options }, context) => {
  const classifier = await context.models.imageClassifier();
  const request = { image: Buffer.from(input.imageBase64, 'base64'), topK: options.topK };
  const { labels, inputTokens } = await classifier.classifyImage(request, context);
  return { output: { labels }, model: classifier.model, inputTokens, outputTokens: null };
};
