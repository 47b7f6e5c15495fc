import { expect, test } from 'vitest';
import { setVariables } from './set-variables.ts';

test('names those of ours that are set, and shows no value', () => {
  const environment = { HF_TOKEN: 'hf_secret', PORT: '7861', REDIS_URL: '', PATH: '/bin' };
  expect(setVariables(environment)).toEqual(['PORT', 'HF_TOKEN']);
});
