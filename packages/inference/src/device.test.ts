import { expect, test } from 'vitest';
import { chooseDevice } from './device.ts';

const files =
  (...there: string[]) =>
  (file: string) =>
    there.includes(file);
const card = '/dev/nvidia0';
const runtime = '/usr/local/cuda/lib64/libcudart.so.12';

test.each([
  ['auto', [], 'cpu', /no NVIDIA card/],
  ['auto', [card], 'cpu', /no CUDA runtime/],
  ['auto', [card, runtime], 'cuda', /are there/],
  ['cuda', [card, runtime], 'cuda', /DEVICE=cuda/],
  ['cpu', [card, runtime], 'cpu', /DEVICE=cpu/],
] as const)('DEVICE=%s with %j → %s', (wanted, there, device, reason) => {
  expect(chooseDevice(wanted, files(...there))).toEqual({ device, reason: expect.stringMatching(reason) });
});

test('CUDA that was asked for and is not there is an error, not a slow answer', () => {
  expect(() => chooseDevice('cuda', files(card))).toThrow(/DEVICE=cuda, but there is no CUDA runtime/);
});
