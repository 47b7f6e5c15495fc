import type { Job } from '@slipway/contract/jobs';
import { expect, test } from 'vitest';
import { createMerger } from './merge.ts';
import type { StreamEvent } from './stream.ts';
import { queued, running, succeeded } from './test-jobs.ts';

const progress = (ratio: number, id: string): StreamEvent => ({
  type: 'progress',
  ratio,
  stage: 'read',
  message: '',
  id,
});
const run = (attempt: number, id?: string): StreamEvent => ({ type: 'state', state: 'running', attempt, id });

function tell(looked: Job, ...events: StreamEvent[]) {
  const merge = createMerger(looked);
  return events
    .map(merge)
    .map(({ state, position, attempts, progress }) => [state, position ?? progress?.ratio ?? null, attempts]);
}

test('a job that waits moves up, runs, falls back, runs again and ends', () => {
  expect(
    tell(
      queued,
      { type: 'state', state: 'queued', position: 1 },
      run(1, '1-0'),
      progress(0.5, '1-1'),
      { type: 'state', state: 'queued', id: '1-2' },
      { type: 'state', state: 'queued', position: 3 },
      run(2, '1-3'),
      progress(0.1, '1-4'),
      { type: 'done', job: succeeded },
    ),
  ).toEqual([
    ['queued', 1, 0],
    ['running', null, 1],
    ['running', 0.5, 1],
    ['queued', null, 1],
    ['queued', 3, 1],
    ['running', null, 2],
    ['running', 0.1, 2],
    ['succeeded', null, 1],
  ]);
});

test('what was before the look changes nothing', () => {
  expect(
    tell(
      { ...running, attempts: 2 },
      run(2),
      run(1, '1-0'),
      progress(0.9, '1-1'),
      { type: 'state', state: 'queued', id: '1-2' },
      run(2, '1-3'),
      progress(0.4, '1-4'),
      progress(0.6, '1-5'),
    ),
  ).toEqual([...Array(6).fill(['running', 0.5, 2]), ['running', 0.6, 2]]);
});

test('an end waits for the job that comes with it', () => {
  expect(tell(running, run(1, '1-0'), { type: 'state', state: 'succeeded', id: '1-1' })).toEqual([
    ['running', 0.5, 1],
    ['running', 0.5, 1],
  ]);
});

test('a job that waits for its model keeps saying so', () => {
  const waiting: Job = { ...running, state: 'queued', attempts: 0 };
  expect(tell(waiting, { type: 'state', state: 'queued' })).toEqual([['queued', 0.5, 0]]);
});

test('the attempt that a job in line has behind it is past', () => {
  expect(tell({ ...queued, attempts: 1 }, run(1, '1-0'), progress(0.9, '1-1'), run(2, '1-2'))).toEqual([
    ['queued', 2, 1],
    ['queued', 2, 1],
    ['running', null, 2],
  ]);
});

test('progress begins anew with the next attempt', () => {
  expect(tell(running, run(1, '1-0'), run(2, '1-1'), progress(0.1, '1-2'))).toEqual([
    ['running', 0.5, 1],
    ['running', null, 2],
    ['running', 0.1, 2],
  ]);
});
