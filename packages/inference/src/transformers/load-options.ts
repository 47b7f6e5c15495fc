import type { Device, Dtype } from '@slipway/contract/engines';

export interface LoadOptions {
  /** `<org>/<name>`, only to say what made a result. */
  id: string;
  /** The folder that holds the model's files. */
  dir: string;
  dtype: Dtype;
  device: Device;
  /** Threads of one forward pass. Several processes of one thread each do more than one process of several. */
  threads: number;
}
