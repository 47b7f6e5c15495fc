import type { Log } from '@slipway/runtime/log';
import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { expect, test } from 'vitest';
import { accessLog } from './access-log.ts';

function openLog() {
  const lines: { level: string; status?: number }[] = [];
  const write = (level: string) => (fields: object) => void lines.push({ level, ...fields });
  const levels = ['debug', 'info', 'warn', 'error'];
  return { lines, log: Object.fromEntries(levels.map((level) => [level, write(level)])) as unknown as Log };
}

/** What one request leaves in the log. */
async function logged(path: string, method = 'GET') {
  const { lines, log } = openLog();
  const app = new Hono()
    .use(requestId())
    .use(accessLog(log))
    .use('/jobs/*', (_c, next) => next())
    .get('/jobs/:id', (c) => c.text(c.req.param('id')))
    .post('/jobs', (c) => c.text('taken', 202))
    .all('/jobs/*', (c) => c.text('nothing', 404))
    .get('/broken', (c) => c.text('', 500));
  await app.request(path, { method });
  return lines;
}

test.each([
  ['GET', '/jobs/secret-id?key=secret', 'debug', '/jobs/:id', 200],
  ['POST', '/jobs?key=secret', 'info', '/jobs', 202],
  ['GET', '/jobs/a/b', 'info', '*', 404],
  ['GET', '/nowhere', 'info', '*', 404],
  ['GET', '/broken', 'error', '/broken', 500],
])('%s %s is logged at %s as %s', async (method, path, level, route, status) => {
  const lines = await logged(path, method);
  expect(lines).toEqual([expect.objectContaining({ level, method, route, status })]);
  expect(JSON.stringify(lines)).not.toContain('secret');
});

test('/readyz is asked without end: only a change is worth a line', async () => {
  const { lines, log } = openLog();
  const answers = [200, 503, 503, 503, 200, 200] as const;
  let asked = 0;
  const app = new Hono()
    .use(requestId())
    .use(accessLog(log))
    .get('/readyz', (c) => c.text('', answers[asked++]));
  for (const _ of answers) await app.request('/readyz');
  expect(lines.map(({ level, status }) => [level, status])).toEqual([
    ['debug', 200],
    ['warn', 503],
    ['debug', 503],
    ['debug', 503],
    ['info', 200],
    ['debug', 200],
  ]);
});
