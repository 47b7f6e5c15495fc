import { dtypes } from '@slipway/contract/engines';
import { expect, test } from 'vitest';
import { seq2seqFiles } from './files.ts';

test('fp32 is the name without a suffix', () => {
  expect(seq2seqFiles('fp32')).toEqual({
    required: [
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'onnx/encoder_model.onnx',
      'onnx/decoder_model_merged.onnx',
    ],
    optional: ['generation_config.json'],
  });
});

test('every number format has weights of its own', () => {
  const decoders = dtypes.map((dtype) => seq2seqFiles(dtype).required.at(-1));
  expect(new Set(decoders).size).toBe(dtypes.length);
  expect(seq2seqFiles('q8').required.at(-1)).toBe('onnx/decoder_model_merged_quantized.onnx');
  expect(seq2seqFiles('q4f16').required.at(-2)).toBe('onnx/encoder_model_q4f16.onnx');
});
