import { z } from 'zod';
import { labelsSchema, topKSchema } from '../labels.ts';
import { defineTask } from '../task.ts';
import { textSchema } from '../text.ts';

export const classifyText = defineTask({
  name: 'classify-text',
  title: 'Classify a text; by default, whether it is positive or negative',
  input: z.strictObject({ text: textSchema }),
  options: z.strictObject({ model: z.string().optional(), topK: topKSchema }),
  output: z.object({ labels: labelsSchema }),
  engines: ['transformers'],
  attempts: 3,
  timeoutMs: 2 * 60_000,
});
