import { loadConfig } from '@slipway/config/load';
import { expect, test } from 'vitest';
import { startLine, welcome } from './welcome.ts';

const data = { kind: 'ephemeral', dir: '/data', wanted: '/data', reason: 'is part of the container' } as const;

test('point 14: one line tells user, cores, memory and what keeps the jobs, and no secret', () => {
  const secrets = { HF_TOKEN: 'hf_secret', ADMIN_PASSWORD: 'correct horse battery', REDIS_URL: 'redis://:word@host' };
  const config = { ...loadConfig({ ...secrets, CPU_CORES: '2', HF_DATASET_REPO: 'ann/jobs' }), memory: 16 * 1024 ** 3 };
  expect(startLine(config, data, 1000)).toBe(
    'slipway: UID 1000, 2 cores, 16.0 GiB of memory, persistence: ephemeral and a dataset',
  );
  expect(startLine({ ...config, hubToken: undefined }, data, 1000)).toMatch(/persistence: ephemeral$/);
});

test('where keys are needed the calls have a place for one', () => {
  const readiness = { ready: true, parts: [], tasks: {} };
  const told = (needsKey: boolean) => welcome('http://localhost', data, 'our own', readiness, '/admin/', needsKey);
  expect(told(true).match(/-H 'Authorization: Bearer KEY'/g)).toHaveLength(2);
  expect(told(false)).not.toContain('KEY');
});

test('data that goes with the machine is told as gone, but not where jobs come back from the archive', () => {
  const told = (parts: { name: string; state: 'ok' | 'degraded'; reason: string }[]) =>
    welcome('http://localhost', data, 'our own', { ready: true, parts, tasks: {} }, '/admin/');
  const archive = { name: 'archive', reason: 'Up to date.' };
  expect(told([])).toContain('/data: gone after a restart, because /data is part of the container');
  expect(told([{ ...archive, state: 'degraded' }])).toContain('because /data is part of the container');
  expect(told([{ ...archive, state: 'ok' }])).toContain('/data: gone after a restart; jobs come back from the archive');
});
