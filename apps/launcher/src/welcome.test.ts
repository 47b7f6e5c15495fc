import { loadConfig } from '@slipway/config/load';
import { expect, test } from 'vitest';
import { startLine } from './welcome.ts';

const data = { kind: 'ephemeral', dir: '/data', wanted: '/data', reason: 'is part of the container' } as const;

test('point 14: one line tells user, cores, memory and what keeps the jobs, and no secret', () => {
  const secrets = { HF_TOKEN: 'hf_secret', ADMIN_PASSWORD: 'correct horse battery', REDIS_URL: 'redis://:word@host' };
  const config = { ...loadConfig({ ...secrets, CPU_CORES: '2', HF_DATASET_REPO: 'ann/jobs' }), memory: 16 * 1024 ** 3 };
  expect(startLine(config, data, 1000)).toBe(
    'slipway: UID 1000, 2 cores, 16.0 GiB of memory, persistence: ephemeral and a dataset',
  );
  expect(startLine({ ...config, hubToken: undefined }, data, 1000)).toMatch(/persistence: ephemeral$/);
});
