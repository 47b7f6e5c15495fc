import { dtypes } from '@slipway/contract/engines';
import { hasModel, taskNames } from '@slipway/contract/tasks';
import { expect, test } from 'vitest';
import { modelFiles } from './files.ts';

test('fp32 is the name without a suffix', () => {
  expect(modelFiles('summarize', 'fp32')).toEqual({
    required: [
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'onnx/encoder_model.onnx',
      'onnx/decoder_model_merged.onnx',
    ],
    optional: ['generation_config.json'],
    external: ['onnx/encoder_model.onnx_data', 'onnx/decoder_model_merged.onnx_data'],
  });
});

test('each task reads files of its own', () => {
  expect(modelFiles('classify-text', 'q8').required).toEqual([
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'onnx/model_quantized.onnx',
  ]);
  expect(modelFiles('classify-image', 'fp16').required).toEqual([
    'config.json',
    'preprocessor_config.json',
    'onnx/model_fp16.onnx',
  ]);
  expect(modelFiles('chat', 'q4')).toMatchObject({
    optional: ['generation_config.json', 'chat_template.jinja'],
    external: ['onnx/model_q4.onnx_data'],
  });
});

test.each(taskNames.filter(hasModel))('every number format has weights of its own: %s', (task) => {
  const weights = dtypes.map((dtype) => modelFiles(task, dtype).required.at(-1));
  expect(new Set(weights).size).toBe(dtypes.length);
});
