import type { Dtype } from '@slipway/contract/engines';
import type { ModelTaskName } from '@slipway/contract/tasks';

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

const ofText = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
const ofImages = ['config.json', 'preprocessor_config.json'];

/** What the pipeline of each task reads; weights without their folder and suffix. */
const layouts: Record<ModelTaskName, { required: string[]; weights: string[]; optional: string[] }> = {
  summarize: {
    required: ofText,
    weights: ['encoder_model', 'decoder_model_merged'],
    optional: ['generation_config.json'],
  },
  'classify-text': { required: ofText, weights: ['model'], optional: [] },
  'classify-image': { required: ofImages, weights: ['model'], optional: [] },
  chat: { required: ofText, weights: ['model'], optional: ['generation_config.json', 'chat_template.jinja'] },
};

export interface ModelFiles {
  required: string[];
  optional: string[];
  /**
   * Where weights are more than an ONNX file may hold (2 GB), the rest lies in these, optional too; each may go on in
   * files with `_1`, `_2`… at the end of the name (src/utils/model-loader.js).
   */
  external: string[];
}

/** The files of a model that does a task, as paths in its repository. */
export function modelFiles(task: ModelTaskName, dtype: Dtype): ModelFiles {
  const { required, weights, optional } = layouts[task];
  const onnx = weights.map((name) => `onnx/${name}${suffixes[dtype]}.onnx`);
  return { required: [...required, ...onnx], optional, external: onnx.map((file) => `${file}_data`) };
}
