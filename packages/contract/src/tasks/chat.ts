import { z } from 'zod';
import { modelOption } from '../model-option.ts';
import { defineTask } from '../task.ts';
import { textSchema } from '../text.ts';

export const chatMessageSchema = z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: textSchema });
export type ChatMessage = z.infer<typeof chatMessageSchema>;

/** The order that chat templates are written for. */
const messagesSchema = z
  .array(chatMessageSchema)
  .min(1)
  .max(1000)
  .superRefine((messages, context) => {
    if (messages.length === 0) return; // said already
    const turns = messages[0]?.role === 'system' ? messages.slice(1) : messages;
    const offset = messages.length - turns.length;
    const wrong = turns.findIndex(({ role }, i) => role !== (i % 2 === 0 ? 'user' : 'assistant'));
    if (wrong >= 0)
      context.addIssue({
        code: 'custom',
        path: [wrong + offset, 'role'],
        message: `must be ${wrong % 2 === 0 ? 'user' : 'assistant'}: after an optional system message, user and assistant take turns`,
      });
    else if (turns.length % 2 === 0)
      context.addIssue({ code: 'custom', path: [], message: 'must end with a message of the user' });
  })
  .describe('At most one system message, first; then user and assistant take turns; the user last.');

export const chat = defineTask({
  name: 'chat',
  title: 'Answer in a conversation',
  input: z.strictObject({ messages: messagesSchema }).meta({
    examples: [
      {
        messages: [
          { role: 'system', content: 'You answer in one sentence.' },
          { role: 'user', content: 'What does a harbour master do?' },
        ],
      },
    ],
  }),
  options: z
    .strictObject({
      model: z.string().optional().describe(modelOption),
      maxTokens: z
        .int()
        .min(1)
        .max(4096)
        .default(256)
        .describe('Longest answer, in tokens of the model, about 0.75 English words each.'),
      temperature: z.number().min(0).max(2).default(0).describe('0 always takes the most probable token.'),
      stop: z
        .array(z.string().min(1).max(100))
        .max(4)
        .default([])
        .describe('The answer ends before the first of these.'),
      seed: z
        .int()
        .min(0)
        .max(2 ** 32 - 1)
        .optional()
        .describe('Makes sampling repeatable.'),
    })
    .meta({ examples: [{ maxTokens: 64, temperature: 0.7, seed: 7 }] }),
  output: z.object({
    message: z.object({ role: z.literal('assistant'), content: z.string() }),
    finishReason: z.enum(['stop', 'length']),
  }),
  engines: ['transformers'],
  attempts: 3,
  timeoutMs: 10 * 60_000,
});

export type ChatOptions = z.infer<typeof chat.options>;
export type ChatOutput = z.infer<typeof chat.output>;
