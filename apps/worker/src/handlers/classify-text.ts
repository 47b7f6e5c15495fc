import type { Handler } from './handler.ts';

export const classifyText: Handler<'classify-text'> = async ({ input, options }, context) => {
  const classifier = await context.models.textClassifier();
  const request = { text: input.text, topK: options.topK };
  const { labels, inputTokens } = await classifier.classifyText(request, context);
  return { output: { labels }, model: classifier.model, inputTokens, outputTokens: null };
};
