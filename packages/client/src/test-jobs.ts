import type { Job } from '@slipway/contract/jobs';

/** Jobs and a problem as the service tells them, for the tests. */
const path = '/api/v1/jobs/summarize_AAAAAAAAAAAAAAAAAAAAAA';

export const unplaced: Job = {
  id: 'summarize_AAAAAAAAAAAAAAAAAAAAAA',
  task: 'summarize',
  state: 'queued',
  priority: 'normal',
  tags: [],
  progress: null,
  engine: null,
  engineReason: null,
  model: null,
  metrics: { queuedMs: null, runMs: null, firstTokenMs: null, inputTokens: null, outputTokens: null },
  attempts: 0,
  createdAt: '2026-01-02T03:04:05.000Z',
  startedAt: null,
  finishedAt: null,
  deadline: null,
  expiresAt: null,
  retryOf: null,
  erasedAt: null,
  urls: {
    self: path,
    events: `${path}/events`,
    result: `${path}/result`,
    cancel: `${path}/cancel`,
    retry: `${path}/retry`,
  },
};
export const queued: Job = { ...unplaced, position: 2 };
export const running: Job = {
  ...unplaced,
  state: 'running',
  attempts: 1,
  progress: { ratio: 0.5, stage: 'read', message: 'Half' },
};
export const succeeded: Job<'summarize'> = {
  ...unplaced,
  state: 'succeeded',
  attempts: 1,
  output: { summary: 'Short.' },
};
export const failed: Job = {
  ...unplaced,
  state: 'failed',
  attempts: 1,
  error: { code: 'time_limit', message: 'Took too long.' },
};

export const problem = {
  type: 'about:blank',
  title: 'Bad request',
  status: 400,
  code: 'invalid_input',
  detail: 'The input has a fault.',
  requestId: 'r1',
  errors: [{ pointer: '/input/text', message: 'must not be empty or blank' }],
};
