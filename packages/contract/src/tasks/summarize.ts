import { z } from 'zod';
import { engineChoiceSchema } from '../engines.ts';
import { modelOption } from '../model-option.ts';
import { defineTask } from '../task.ts';
import { textSchema } from '../text.ts';

/** Bounds of a summary's length in tokens of the model, about 0.75 English words each. */
export const summaryLengths = {
  short: { minTokens: 20, maxTokens: 80 },
  medium: { minTokens: 60, maxTokens: 200 },
  long: { minTokens: 150, maxTokens: 500 },
} as const;

const lengthOption = `Bounds in tokens of the model, about 0.75 English words each: ${Object.entries(summaryLengths)
  .map(([name, { minTokens, maxTokens }]) => `${name} ${minTokens} to ${maxTokens}`)
  .join(', ')}.`;

const tokens = z.int().min(1).max(2000);

export const summarize = defineTask({
  name: 'summarize',
  title: 'Summarize a text',
  input: z.strictObject({ text: textSchema }).meta({
    examples: [
      {
        text: 'The harbour was built in 1880. Ships brought coal and took away timber. Today it is a museum, and the cranes stand still. Visitors come by the old railway, which was saved by its neighbours.',
      },
    ],
  }),
  options: z
    .strictObject({
      engine: engineChoiceSchema
        .default('auto')
        .describe('`auto` takes the neural model where it is ready, else `extractive`, which needs none.'),
      model: z.string().optional().describe(modelOption),
      length: z.enum(['short', 'medium', 'long']).default('medium').describe(lengthOption),
      minTokens: tokens
        .optional()
        .describe('Overrides the lower bound that `length` stands for. Not greater than `maxTokens`.'),
      maxTokens: tokens.optional().describe('Overrides the upper bound that `length` stands for.'),
      format: z.enum(['paragraph', 'bullets']).default('paragraph'),
    })
    .refine(({ minTokens, maxTokens }) => !minTokens || !maxTokens || minTokens <= maxTokens, {
      path: ['minTokens'],
      message: 'must not be greater than maxTokens',
    })
    .meta({ examples: [{ length: 'short', format: 'bullets' }] }),
  upload: { field: 'text', kind: 'document' },
  output: z.object({ summary: z.string() }),
  engines: ['transformers', 'extractive'],
  attempts: 3,
  timeoutMs: 10 * 60_000,
});

export type SummarizeOptions = z.infer<typeof summarize.options>;

/** The bounds in tokens that a job's options mean. Explicit bounds win; a bound that would cross the other moves it. */
export function summaryBounds(options: SummarizeOptions): { minTokens: number; maxTokens: number } {
  const preset = summaryLengths[options.length];
  const maxTokens = options.maxTokens ?? Math.max(preset.maxTokens, options.minTokens ?? 0);
  return { minTokens: options.minTokens ?? Math.min(preset.minTokens, maxTokens), maxTokens };
}
