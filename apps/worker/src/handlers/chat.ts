import type { Handler } from './handler.ts';

export const chat: Handler<'chat'> = async ({ input, options }, { models, report, signal }) => {
  const model = await models.chatModel();
  const { maxTokens, temperature, stop, seed } = options;
  const request = { messages: input.messages, maxTokens, temperature, stop, seed };
  const { message, finishReason, inputTokens, outputTokens } = await model.answer(request, { report, signal });
  return { output: { message, finishReason }, model: model.model, inputTokens, outputTokens };
};
