import { summaryBounds } from '@slipway/contract/tasks/summarize';
import type { Handler } from './handler.ts';

export const summarize: Handler<'summarize'> = async ({ input, options }, context) => {
  const summarizer = await context.models.summarizer(context.engine);
  const request = { text: input.text, ...summaryBounds(options), format: options.format };
  const { summary, inputTokens, outputTokens } = await summarizer.summarize(request, context);
  return { output: { summary }, model: summarizer.model, inputTokens, outputTokens };
};
