import type { Handler } from './handler.ts';

export const classifyText: Handler<'classify-text'> = async ({ input, options }, { models, report, signal }) => {
  const classifier = await models.textClassifier();
  const request = { text: input.text, topK: options.topK };
  const { labels, inputTokens } = await classifier.classifyText(request, { report, signal });
  return { output: { labels }, model: classifier.model, inputTokens, outputTokens: null };
};
