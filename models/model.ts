import type { Graph } from './onnx.ts';

/** A model as files: paths inside its folder, and what they hold. */
export interface MadeModel {
  /** `<org>/<name>`. */
  id: string;
  json: Record<string, unknown>;
  onnx: Record<string, Graph>;
}
