import { existsSync } from 'node:fs';
import type { Device, DeviceChoice } from '@slipway/contract/engines';

export interface ChosenDevice {
  device: Device;
  /** One sentence for people: why this one. */
  reason: string;
}

/** The kernel's file of the first NVIDIA card, and the library that onnxruntime needs beside its own. */
const card = '/dev/nvidia0';
const libraries = ['/usr/local/cuda/lib64/libcudart.so', '/usr/local/cuda/lib64/libcudart.so.12'];

/**
 * Where models run. Decided here, because the library throws where CUDA is missing instead of falling back. Throws an
 * Error where CUDA was asked for and is not there.
 */
export function chooseDevice(wanted: DeviceChoice, exists: (file: string) => boolean = existsSync): ChosenDevice {
  if (wanted === 'cpu') return { device: 'cpu', reason: 'DEVICE=cpu' };
  const missing = !exists(card) ? 'no NVIDIA card' : libraries.some(exists) ? undefined : 'no CUDA runtime library';
  if (missing === undefined)
    return { device: 'cuda', reason: `DEVICE=${wanted}; a card and the CUDA runtime are there` };
  if (wanted === 'cuda') throw new Error(`DEVICE=cuda, but there is ${missing}`);
  return { device: 'cpu', reason: `DEVICE=auto; there is ${missing}` };
}
