import { unplaced as queuedJob } from '@slipway/client/test-jobs';
import { expect, test } from 'vitest';
import { jobFacts } from './jobFacts.ts';

const said = (job: Partial<typeof queuedJob>) =>
  jobFacts({ ...queuedJob, ...job }).map(({ name, value }) => [name, value]);

test('a model is named, with its times and tokens', () => {
  const metrics = { queuedMs: 240, firstTokenMs: 340, runMs: 12_340, inputTokens: 3000, outputTokens: 61 };
  expect(said({ engine: 'transformers', engineReason: 'The model is ready.', model: 'org/name', metrics })).toEqual([
    ['Engine', 'transformers'],
    ['Why this engine', 'The model is ready.'],
    ['Model', 'org/name'],
    ['Waited', '240 ms'],
    ['First text after', '340 ms'],
    ['Ran', '12.3 s'],
    ['Tokens in', '3,000'],
    ['Tokens out', '61'],
    ['Speed', '5.0 tokens/s'],
  ]);
});

test('without a model words are counted, and there is no speed: they are chosen, not written', () => {
  const metrics = { queuedMs: 1, firstTokenMs: 29, runMs: 30, inputTokens: 300, outputTokens: 60 };
  const names = said({ engine: 'extractive', metrics }).map(([name]) => name);
  expect(names).toEqual(['Engine', 'Waited', 'First text after', 'Ran', 'Words in', 'Words out']);
});

test('there is no speed where all the text came at the end', () => {
  const metrics = { queuedMs: 1, firstTokenMs: null, runMs: 30, inputTokens: 300, outputTokens: 60 };
  expect(said({ model: 'org/name', metrics }).map(([name]) => name)).not.toContain('Speed');
});

test('what is not known is not told', () => {
  expect(said({})).toEqual([]);
});
