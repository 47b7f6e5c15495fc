import type { MadeModel } from './model.ts';
import { Graph } from './onnx.ts';
import { slowed } from './slow.ts';

const labels = ['red', 'green', 'blue', 'dark', 'light'];

/** What the mean of a channel, from -1 to 1, adds to the score of each label: one row a channel. */
const channels = [
  [6, -3, -3, -3, 3],
  [-3, 6, -3, -3, 3],
  [-3, -3, 6, -3, 3],
].flat();
/** Only what is far from the middle is dark or light. */
const start = [0, 0, 0, -3, -3];
/** Side of the square that an image is resized to, in pixels. */
const side = 32;

/** A classifier that says which colour an image has in the mean. Shaped like ViT. */
export function colours(slow: number): MadeModel {
  return {
    id: 'made/colours',
    json: {
      'config.json': {
        model_type: 'vit',
        architectures: ['ViTForImageClassification'],
        image_size: side,
        patch_size: side,
        num_channels: 3,
        hidden_size: 3,
        num_hidden_layers: 1,
        num_attention_heads: 1,
        id2label: Object.fromEntries(labels.entries()),
        label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
      },
      'preprocessor_config.json': {
        image_processor_type: 'ViTImageProcessor',
        do_convert_rgb: true,
        do_resize: true,
        size: { height: side, width: side },
        resample: 1, // Lanczos, for the library's bilinear darkens the edges of an image that it enlarges
        do_rescale: true,
        rescale_factor: 1 / 255,
        do_normalize: true,
        image_mean: [0.5, 0.5, 0.5],
        image_std: [0.5, 0.5, 0.5],
      },
    },
    onnx: { 'onnx/model.onnx': classifier(slow) },
  };
}

function classifier(slow: number): Graph {
  const graph = new Graph('colours');
  const pixels = graph.input('pixel_values', 'float', ['batch_size', 3, 'height', 'width']);
  const means = graph.op('ReduceMean', [pixels], { axes: [2, 3], keepdims: 0 });
  const scores = graph.op('MatMul', [means, graph.constant('float', [3, labels.length], channels)]);
  const logits = graph.op('Add', [scores, graph.constant('float', [labels.length], start)]);
  graph.output('logits', 'float', ['batch_size', labels.length], slowed(graph, logits, slow));
  return graph;
}
