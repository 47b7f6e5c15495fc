import type { Job } from '@slipway/contract/jobs';
import { jobExamples } from '@slipway/contract/openapi/examples';

/** Jobs and a problem as the service tells them, for the tests. */
export const unplaced: Job = {
  ...(jobExamples.queued?.value as Job),
  position: undefined,
  estimate: undefined,
  createdAt: '2026-01-02T03:04:05.000Z',
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
