import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { toText } from '../metrics.ts';
import { openTestApp, type TestApp } from '../test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp(inject('redisUrl'));
});
afterAll(() => app.close());

test('what waits is told in the words of Prometheus', async () => {
  await app.summarize('Some text.');
  const answer = await app.request('/metrics');
  expect(answer.headers.get('Content-Type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await answer.text();
  expect(text).toContain('slipway_jobs{task="summarize",state="queued"} 1\n');
  expect(text).toMatch(/^# TYPE slipway_redis_memory_bytes gauge\nslipway_redis_memory_bytes \d+$/m);
});

test('on a Space, or where there are keys, it is not for everybody', async () => {
  const keyed = await openTestApp(inject('redisUrl'), { apiKeys: [{ name: 'ann', sha256: '0'.repeat(64) }] });
  expect((await keyed.request('/metrics')).status).toBe(401);
  await keyed.close();
  const space = await openTestApp(inject('redisUrl'), { onSpace: true });
  expect((await space.request('/metrics')).status).toBe(403);
  await space.close();
});

test('a label may hold anything', () => {
  const samples = [{ labels: { task: 'a"b\\c\nd' }, value: 1 }];
  expect(toText([{ name: 'n', help: 'h', samples }])).toBe('# HELP n h\n# TYPE n gauge\nn{task="a\\"b\\\\c\\nd"} 1\n');
});
