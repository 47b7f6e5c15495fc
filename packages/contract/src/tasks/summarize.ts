import { z } from 'zod';
import { engineChoiceSchema } from '../engines.ts';
import { defineTask } from '../task.ts';
import { textSchema } from '../text.ts';

/** Bounds of a summary's length in tokens of the model, about 0.75 English words each. */
export const summaryLengths = {
  short: { minTokens: 20, maxTokens: 80 },
  medium: { minTokens: 60, maxTokens: 200 },
  long: { minTokens: 150, maxTokens: 500 },
} as const;

const tokens = z.int('must be a whole number').min(1, 'must be at least 1').max(2000, 'must be at most 2000');

export const summarize = defineTask({
  name: 'summarize',
  title: 'Summarize a text',
  input: z.strictObject({ text: textSchema }),
  options: z
    .strictObject({
      engine: engineChoiceSchema.default('auto'),
      model: z.string().optional(),
      length: z.enum(['short', 'medium', 'long']).default('medium'),
      /** Override the bounds that `length` stands for. */
      minTokens: tokens.optional(),
      maxTokens: tokens.optional(),
      format: z.enum(['paragraph', 'bullets']).default('paragraph'),
    })
    .refine(({ minTokens, maxTokens }) => !minTokens || !maxTokens || minTokens <= maxTokens, {
      path: ['minTokens'],
      message: 'must not be greater than maxTokens',
    }),
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
