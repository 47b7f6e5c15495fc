import { adminStateSchema } from '@slipway/contract/admin';
import { jobListSchema } from '@slipway/contract/job-list';
import { problemSchema } from '@slipway/contract/problems';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createApp } from '../app.ts';
import { openTestApp, type TestApp } from '../test-app.ts';
import { testBrowser } from './test-browser.ts';

let app: TestApp;
let operator: ReturnType<typeof testBrowser>;
let viewer: ReturnType<typeof testBrowser>;
beforeAll(async () => {
  const passwords = { ADMIN_PASSWORD: 'correct horse battery', ADMIN_VIEWER_PASSWORD: 'only to look around' };
  app = await openTestApp(inject('redisUrl'), { operator: passwords });
  [operator, viewer] = [testBrowser(app), testBrowser(app)];
  await operator.signIn(passwords.ADMIN_PASSWORD);
  await viewer.signIn(passwords.ADMIN_VIEWER_PASSWORD);
  await app.summarize('A first text.');
  await app.summarize('A second one.');
});
afterAll(() => app.close());

const problemOf = async (answer: Response) => {
  const { code, status } = problemSchema.parse(await answer.json());
  return [status, code];
};

test('the state tells parts, tasks, queues and workers, to viewers too', async () => {
  for (const [browser, role] of [
    [operator, 'operator'],
    [viewer, 'viewer'],
  ] as const) {
    const answer = await browser.ask('/api/v1/admin/state');
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    const state = adminStateSchema.parse(await answer.json());
    expect(state.you).toMatchObject({ name: 'password', role });
    expect(state.queues?.summarize).toEqual({ queued: 2, running: 0, succeeded: 0, unsuccessful: 0 });
    expect(state.queues).not.toHaveProperty('classify-image'); // turned off
    expect(state.readiness.parts.map(({ name }) => name)).toEqual(expect.arrayContaining(['queue', 'workers']));
  }
});

test("everybody's jobs are listed to the operator alone", async () => {
  const list = jobListSchema.parse(await (await operator.ask('/api/v1/admin/jobs?limit=1')).json());
  expect(list.jobs).toEqual([expect.objectContaining({ excerpt: 'A second one.' })]);
  const next = await operator.ask(`/api/v1/admin/jobs?q=text&cursor=${list.nextCursor}`);
  expect(jobListSchema.parse(await next.json()).jobs).toEqual([expect.objectContaining({ excerpt: 'A first text.' })]);
  expect(await problemOf(await operator.ask('/api/v1/admin/jobs?limit=0'))).toEqual([422, 'invalid_input']);
  expect(await problemOf(await viewer.ask('/api/v1/admin/jobs?q=text'))).toEqual([403, 'forbidden']);
});

test.each(['/api/v1/admin/state', '/api/v1/admin/jobs'])('%s needs a session', async (path) => {
  expect(await problemOf(await testBrowser(app).ask(path))).toEqual([401, 'sign_in_required']);
  const forged = { Cookie: 'slipway-operator-7860=e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' };
  expect(await problemOf(await app.request(path, { headers: forged }))).toEqual([401, 'sign_in_required']);
  const elsewhere = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors' };
  expect(await problemOf(await operator.ask(path, { headers: elsewhere }))).toEqual([401, 'sign_in_required']);
});

test('an unknown path below is as anywhere', async () => {
  expect(await problemOf(await operator.ask('/api/v1/admin/nothing'))).toEqual([404, 'not_found']);
  expect(await problemOf(await operator.post('/api/v1/admin/state'))).toEqual([405, 'method_not_allowed']);
});

test('the data folder and the services are told too, on the page as well', async () => {
  const data = { kind: 'ephemeral', dir: '/d', wanted: '/data', reason: 'is not there' } as const;
  const part = { name: 'service echo', state: 'down', reason: 'Does not take connections.' } as const;
  const told = createApp({
    ...app.deps,
    data: () => data,
    services: { middleware: (_c, next) => next(), takesUpgrade: () => false, upgrade() {}, health: async () => [part] },
  });
  const headers = { Cookie: operator.cookie() };
  const state = adminStateSchema.parse(await (await told.request('/api/v1/admin/state', { headers })).json());
  expect(state.readiness.parts).toContainEqual(part);
  expect(state.readiness.parts).toContainEqual(expect.objectContaining({ name: 'data', kind: 'ephemeral' }));
  const page = await (await told.request('/admin/', { headers })).text();
  expect(page).toContain('service echo');
  expect(page).toContain('What it holds goes with the machine.');
});

test('signing out, and signing everybody out', async () => {
  const browser = testBrowser(app);
  await browser.signIn('correct horse battery');
  expect((await browser.post('/api/v1/admin/sign-out')).status).toBe(204);
  expect(browser.jar.size).toBe(0);
  expect(await problemOf(await viewer.post('/api/v1/admin/sign-out-everywhere'))).toEqual([403, 'forbidden']);
  expect(await problemOf(await browser.post('/api/v1/admin/sign-out-everywhere'))).toEqual([401, 'sign_in_required']);
  expect((await operator.post('/api/v1/admin/sign-out-everywhere')).status).toBe(204);
  expect(await problemOf(await viewer.ask('/api/v1/admin/state'))).toEqual([401, 'sign_in_required']);
});
