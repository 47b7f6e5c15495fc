import { z } from 'zod';
import { labelsSchema, topKSchema } from '../labels.ts';
import { modelOption } from '../model-option.ts';
import { defineTask } from '../task.ts';

/** About 7.5 MB of image; what the default body limit carries beside the JSON around it. */
const maxBase64Length = 10_000_000;

export const classifyImage = defineTask({
  name: 'classify-image',
  title: 'Classify an image',
  input: z
    .strictObject({
      imageBase64: z
        .string()
        .min(1)
        .max(maxBase64Length)
        .regex(/^[A-Za-z0-9+/]+={0,2}$/, 'must be standard base64, without a data: prefix')
        .describe('The bytes of a PNG, JPEG, WebP, GIF or AVIF file in base64; still images only.'),
    })
    .meta({
      // a red square of 8 by 8 pixels
      examples: [
        {
          imageBase64:
            'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAQMAAAD+wSzIAAAAA1BMVEXIHh4WiPieAAAAC0lEQVR4nGNgQAUAABAAATm9j2UAAAAASUVORK5CYII=',
        },
      ],
    }),
  options: z.strictObject({ model: z.string().optional().describe(modelOption), topK: topKSchema }),
  upload: { field: 'imageBase64', kind: 'image' },
  batches: true,
  output: z.object({ labels: labelsSchema }),
  engines: ['transformers'],
  attempts: 3,
  timeoutMs: 2 * 60_000,
});
