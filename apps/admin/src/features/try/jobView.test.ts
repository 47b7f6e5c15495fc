import { expect, test } from 'vitest';
import { duration, type SummaryJob, viewJob } from './jobView.ts';

const queued: SummaryJob = {
  id: 'summarize_AAAAAAAAAAAAAAAAAAAAAA',
  task: 'summarize',
  state: 'queued',
  progress: null,
  engine: null,
  engineReason: null,
  model: null,
  metrics: { queuedMs: null, runMs: null, inputTokens: null, outputTokens: null },
  attempts: 0,
  createdAt: '2026-01-02T03:04:05.000Z',
  startedAt: null,
  finishedAt: null,
  urls: { self: '/api/v1/jobs/summarize_AAAAAAAAAAAAAAAAAAAAAA' },
};

test('a waiting job says its place where it has one', () => {
  expect(viewJob({ ...queued, position: 3 }).state).toBe('Waiting, position 3');
  expect(viewJob(queued)).toEqual({ state: 'Waiting', progress: null, summary: null, failure: null, facts: [] });
});

test('a running job says how far it is', () => {
  const progress = { ratio: 0.554, stage: 'part', message: 'Part 2 of 3' };
  const view = viewJob({ ...queued, state: 'running', progress });
  expect(view.state).toBe('Running');
  expect(view.progress).toEqual({ percent: 55, message: 'Part 2 of 3' });
  expect(viewJob({ ...queued, state: 'running' }).progress).toEqual({ percent: 0, message: 'Starting' });
});

test('a done job gives its summary and how it was made', () => {
  const view = viewJob({
    ...queued,
    state: 'succeeded',
    progress: { ratio: 1, stage: 'done', message: 'Done' },
    engine: 'transformers',
    engineReason: 'The model is ready.',
    model: 'org/name',
    output: { summary: 'Short.' },
    metrics: { queuedMs: 240, runMs: 12_340, inputTokens: 300, outputTokens: 60 },
  });
  expect(view).toEqual({
    state: 'Done',
    progress: null,
    summary: 'Short.',
    failure: null,
    facts: [
      { name: 'Engine', value: 'transformers', testId: 'engine' },
      { name: 'Why this engine', value: 'The model is ready.' },
      { name: 'Model', value: 'org/name', testId: 'model' },
      { name: 'Waited', value: '240 ms' },
      { name: 'Ran', value: '12.3 s' },
    ],
  });
});

test('a job that ended without a summary says why', () => {
  const error = { code: 'time_limit', message: 'It took too long.' } as const;
  expect(viewJob({ ...queued, state: 'failed', error })).toMatchObject({ state: 'Failed', failure: error.message });
  expect(viewJob({ ...queued, state: 'failed' }).failure).toMatch('nothing says why');
  expect(viewJob({ ...queued, state: 'canceled' })).toMatchObject({
    state: 'Canceled',
    failure: expect.stringContaining('canceled'),
  });
  expect(viewJob({ ...queued, state: 'expired' })).toMatchObject({
    state: 'Expired',
    failure: expect.stringContaining('too long'),
  });
});

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1000, '1.0 s'],
  [59_900, '59.9 s'],
  [59_960, '1 min 0 s'],
  [125_400, '2 min 5 s'],
])('%i milliseconds are said as %s', (ms, said) => {
  expect(duration(ms)).toBe(said);
});
