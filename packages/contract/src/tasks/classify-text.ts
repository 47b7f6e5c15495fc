import { z } from 'zod';
import { labelsSchema, topKSchema } from '../labels.ts';
import { modelOption } from '../model-option.ts';
import { defineTask } from '../task.ts';
import { textSchema } from '../text.ts';

export const classifyText = defineTask({
  name: 'classify-text',
  title: 'Classify a text; by default, whether it is positive or negative',
  input: z
    .strictObject({ text: textSchema })
    .meta({ examples: [{ text: 'The film was a delight from the first minute.' }] }),
  options: z.strictObject({ model: z.string().optional().describe(modelOption), topK: topKSchema }),
  output: z.object({ labels: labelsSchema }),
  upload: { field: 'text', kind: 'document' },
  batches: true,
  engines: ['transformers'],
  attempts: 3,
  timeoutMs: 2 * 60_000,
});
