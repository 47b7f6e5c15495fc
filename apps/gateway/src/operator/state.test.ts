import { adminStateSchema } from '@slipway/contract/admin';
import { CodedError } from '@slipway/contract/problems';
import type { Queues } from '@slipway/queue/queues';
import { expect, test } from 'vitest';
import { adminState } from './state.ts';
import { statePage } from './state-page.ts';

const session = { name: 'ann', role: 'operator', since: 1, expires: Date.now() + 60_000 } as const;
const unavailable = () => Promise.reject(new CodedError('queue_unavailable', 'away'));
const away: Queues = { use: unavailable, close: async () => {} };

test('point 36: the operator sees what keeps the jobs, and why it is that', async () => {
  const data = { kind: 'ephemeral', dir: '/x', wanted: '/data', reason: 'cannot be written (EROFS)' } as const;
  const state = adminStateSchema.parse(await adminState(away, ['summarize'], session, { data: () => data }));
  expect(state.readiness.parts.at(-1)).toMatchObject({ name: 'data', kind: 'ephemeral', state: 'degraded' });
  expect(String(await statePage(state, null))).toMatch(/data: ephemeral[\s\S]+cannot be written \(EROFS\)/);
});

test('while Redis does not answer the page says so, and what is known besides', async () => {
  const state = adminStateSchema.parse(await adminState(away, ['summarize'], session));
  expect(state).toMatchObject({ queues: null, workers: null, readiness: { ready: false } });

  const page = String(await statePage(state, null));
  expect(page).toContain('This instance is not ready');
  expect(page.match(/Not known while Redis does not answer/g)?.length).toBeGreaterThanOrEqual(3);
  expect(page).toContain('Signed in as <strong>ann</strong>');
  expect(page).not.toMatch(/undefined|\[object|>null<|>false</);
});
