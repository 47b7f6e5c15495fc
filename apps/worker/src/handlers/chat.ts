import type { Handler } from './handler.ts';

export const chat: Handler<'chat'> = async ({ input, options }, context) => {
  const model = await context.models.chatModel();
  const { maxTokens, temperature, stop, seed } = options;
  const request = { messages: input.messages, maxTokens, temperature, stop, seed };
  const { message, finishReason, inputTokens, outputTokens } = await model.answer(request, context);
  return { output: { message, finishReason }, model: model.model, inputTokens, outputTokens };
};
