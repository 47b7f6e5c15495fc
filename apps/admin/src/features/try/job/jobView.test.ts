import { unplaced as queuedJob } from '@slipway/client/test-jobs';
import type { Job } from '@slipway/contract/jobs';
import { expect, test } from 'vitest';
import { hear, unheard } from './followed.ts';
import { viewJob } from './jobView.ts';

const waiting = unheard(queuedJob.id);
const progress = { ratio: 0.554, stage: 'loading-model', message: 'part 2 of 3' };
const ended = (job: Partial<Job>) => viewJob(hear(waiting, { type: 'done', job: { ...queuedJob, ...job } }));

test('a waiting job says what it waits for', () => {
  expect(viewJob(waiting)).toEqual({ state: 'Waiting', busy: true, progress: null, failure: null, facts: [] });
  expect(viewJob({ ...waiting, progress }).progress).toEqual({ percent: null, message: 'Loading model: part 2 of 3' });
});

test('a running job says how far it is, and which attempt runs after the first', () => {
  const running = { ...waiting, state: 'running', attempt: 1, progress } as const;
  expect(viewJob(running)).toMatchObject({ state: 'Running', busy: true });
  expect(viewJob(running).progress).toEqual({ percent: 55, message: 'Loading model: part 2 of 3' });
  expect(viewJob({ ...running, progress: null }).progress).toEqual({ percent: 0, message: 'Starting' });
  expect(viewJob({ ...running, progress: { ...progress, message: '' } }).progress?.message).toBe('Loading model');
  expect(viewJob({ ...running, attempt: 2 }).state).toBe('Running, attempt 2');
});

test('a done job is no longer busy and says how it was done', () => {
  expect(ended({ state: 'succeeded', engine: 'extractive' })).toEqual({
    state: 'Done',
    busy: false,
    progress: null,
    failure: null,
    facts: [{ name: 'Engine', value: 'extractive', testId: 'engine' }],
  });
});

test('a job that ended without an output says why', () => {
  const error = { code: 'time_limit', message: 'It took too long.' } as const;
  expect(ended({ state: 'failed', error })).toMatchObject({ state: 'Failed', failure: error.message });
  expect(ended({ state: 'failed' }).failure).toMatch('nothing says why');
  expect(ended({ state: 'canceled' })).toMatchObject({ state: 'Canceled', failure: null });
  expect(ended({ state: 'expired' })).toMatchObject({ state: 'Expired', failure: expect.stringMatching('in time') });
});
