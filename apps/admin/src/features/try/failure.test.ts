import { expect, test } from 'vitest';
import { concernsJob, type Failure } from './failure.ts';

const failure = (jobId: string | null): Failure => ({ during: 'canceling', jobId, error: null, again: () => {} });

test('a failure is shown with its own job and no other', () => {
  expect(concernsJob(failure('a'), 'a')).toBe(true);
  expect(concernsJob(failure('a'), 'b')).toBe(false);
  expect(concernsJob(failure('a'), null)).toBe(false);
});

test('what became no job is told whatever is shown', () => {
  expect(concernsJob(failure(null), 'a')).toBe(true);
  expect(concernsJob(failure(null), null)).toBe(true);
});
