import type { Dtype } from '@slipway/contract/engines';

/** The end of a weights file's name for each number format (transformers.js 4.3.1, src/utils/dtypes.js). */
const suffixes: Record<Dtype, string> = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  int8: '_int8',
  uint8: '_uint8',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
};

export interface ModelFiles {
  required: string[];
  optional: string[];
}

/** The files of a model with an encoder and a decoder, as paths in its repository. Without .onnx_data files. */
export function seq2seqFiles(dtype: Dtype): ModelFiles {
  const suffix = suffixes[dtype];
  return {
    required: [
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      `onnx/encoder_model${suffix}.onnx`,
      `onnx/decoder_model_merged${suffix}.onnx`,
    ],
    optional: ['generation_config.json'],
  };
}
