import { unplaced as queuedJob } from '@slipway/client/test-jobs';
import type { Job } from '@slipway/contract/jobs';
import { expect, test } from 'vitest';
import { type Followed, hear, see, type Told, taken, unheard } from './followed.ts';

const follow = (...events: Told[]): Followed => events.reduce(hear, unheard(queuedJob.id));
const estimate = { startsAt: '2026-01-02T03:04:17.000Z', endsAt: '2026-01-02T03:04:25.000Z' };
const progress = { type: 'progress', ratio: 0.5, stage: 'summarizing', message: 'part 1 of 2' } as const;

test('a job that was taken is known by its state and its place', () => {
  expect(taken({ ...queuedJob, position: 2 })).toEqual({ ...unheard(queuedJob.id), position: 2 });
  expect(taken({ ...queuedJob, estimate })).toMatchObject({ estimate });
});

test('a look tells when it is likely to end, and leaves the rest to the events', () => {
  const known = follow({ type: 'state', state: 'running', attempt: 1 }, progress, { type: 'output', text: 'Once' });
  const job: Job = { ...queuedJob, position: 2, estimate };
  expect(see(known, job, false)).toEqual({ ...known, estimate });
  expect(see({ ...known, estimate }, queuedJob, false)).toEqual(known);
  expect(see(known, { ...queuedJob, state: 'succeeded' }, false)).toEqual(known);
});

test('where no events come, looks tell everything', () => {
  const known = unheard(queuedJob.id);
  expect(see(known, { ...queuedJob, position: 2, estimate }, true)).toEqual({ ...known, position: 2, estimate });
  const { type: _, ...half } = progress;
  const running: Job = { ...queuedJob, state: 'running', attempts: 2, progress: half };
  expect(see(known, running, true)).toEqual({ ...known, state: 'running', attempt: 2, progress: half });
  const ended: Job = { ...queuedJob, state: 'succeeded' };
  expect(see(known, ended, true)).toMatchObject({ state: 'succeeded', ended });
});

test('the place in line moves, and a reason to wait stays', () => {
  const waiting = follow({ type: 'state', state: 'queued', position: 2 }, progress, {
    type: 'state',
    state: 'queued',
    position: 1,
  });
  expect(waiting).toMatchObject({ state: 'queued', position: 1, progress: { stage: 'summarizing' } });
});

test('text grows, and begins anew with another attempt', () => {
  const first = follow(
    { type: 'state', state: 'running', attempt: 1 },
    progress,
    { type: 'output', text: 'Once ' },
    { type: 'output', text: 'upon' },
  );
  expect(first).toMatchObject({ text: 'Once upon', attempt: 1, progress: { ratio: 0.5 } });
  expect(hear(first, { type: 'state', state: 'running', attempt: 2 })).toMatchObject({
    text: '',
    attempt: 2,
    progress: null,
  });
});

test('what is being done is kept line by line, over attempts', () => {
  const lines = follow(
    { type: 'log', line: 'engine transformers' },
    { type: 'state', state: 'running', attempt: 2 },
    { type: 'log', line: '2 parts' },
  ).lines;
  expect(lines).toEqual(['engine transformers', '2 parts']);
});

test('a job that has ended keeps the text it had come to', () => {
  const job: Job = { ...queuedJob, state: 'canceled' };
  const ended = follow(
    { type: 'state', state: 'running', attempt: 1 },
    { type: 'output', text: 'Half' },
    { type: 'state', state: 'canceled' },
    { type: 'done', job },
  );
  expect(ended).toMatchObject({ state: 'canceled', text: 'Half', ended: job });
});
