import type { Labels } from '@slipway/contract/labels';
import { expect, test } from 'vitest';
import { imageProbes, measureSharing, textProbes } from './sharing.ts';

const { equal, mixed } = textProbes((text) => text.length);
const alone = (text: string): Labels => [
  { label: 'a', score: text.length / 100 },
  { label: 'b', score: 1 - text.length / 100 },
];
const longest = (texts: string[]) => Math.max(...texts.map(({ length }) => length));
const off = (labels: Labels, share: number) =>
  labels.map(({ label, score }) => ({ label, score: score * (1 + share) }));

const models: [string, string, (texts: string[]) => Labels[]][] = [
  ['whose rows are independent', 'any length', (texts) => texts.map(alone)],
  ['that rounds elsewhere', 'any length', (texts) => texts.map((text) => off(alone(text), texts.length * 1e-6))],
  [
    'that reads padding',
    'equal length',
    (texts) => texts.map((text) => off(alone(text), longest(texts) - text.length)),
  ],
  ['whose rows change one another', 'never', (texts) => texts.map((text) => off(alone(text), texts.length * 1e-3))],
  ['that leaves rows out', 'never', (texts) => texts.slice(0, 1).map(alone)],
];

test.each(models)('rows of a model %s share a pass: %s', async (_, sharing, run) => {
  expect(await measureSharing(async (texts) => run(texts), equal, mixed)).toBe(sharing);
});

test('rows of a model that takes one at a time never share', async () => {
  const run = async (texts: string[]) => {
    if (texts.length > 1) throw new Error('batch_size must be 1');
    return texts.map(alone);
  };
  expect(await measureSharing(run, equal, mixed)).toBe('never');
});

test('without two texts of equal length nothing is known', async () => {
  expect(await measureSharing(async (texts: string[]) => texts.map(alone), ['one'], mixed)).toBe('never');
});

test('the probes are equal and mixed in length, and at most twice as long', () => {
  const words = (text: string) => text.split(' ').length;
  const probes = textProbes(words);
  expect(probes.equal.map(words)).toEqual([6, 6, 6, 6, 6, 6]);
  expect(new Set(probes.equal).size).toBe(6);
  expect(new Set(probes.mixed.map(words)).size).toBe(6);
  expect(Math.max(...probes.mixed.map(words))).toBeLessThanOrEqual(2 * Math.min(...probes.mixed.map(words)));
});

test('the images differ', () => {
  const images = imageProbes((data, width, height) => {
    expect(data).toHaveLength(width * height * 3);
    return data.join();
  });
  expect(new Set(images).size).toBe(images.length);
});
