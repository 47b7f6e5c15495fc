import type { Job } from '@slipway/contract/jobs';

const id = 'summarize_AAAAAAAAAAAAAAAAAAAAAA';
const self = `/api/v1/jobs/${id}`;

/** A job for tests, as it is when it was just taken. */
export const queuedJob: Job = {
  id,
  task: 'summarize',
  state: 'queued',
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
  urls: { self, events: `${self}/events`, result: `${self}/result`, cancel: `${self}/cancel` },
};
