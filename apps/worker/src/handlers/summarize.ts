import { summaryBounds } from '@slipway/contract/tasks/summarize';
import type { Handler } from './handler.ts';

export const summarize: Handler<'summarize'> = async ({ input, options }, { models, engine, report, signal }) => {
  const summarizer = await models.summarizer(engine);
  const request = { text: input.text, ...summaryBounds(options), format: options.format };
  const { summary, inputTokens, outputTokens } = await summarizer.summarize(request, { report, signal });
  return { output: { summary }, model: summarizer.model, inputTokens, outputTokens };
};
