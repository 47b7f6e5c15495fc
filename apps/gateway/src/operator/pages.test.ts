import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type OperatorEnv, operatorConfig } from '@slipway/config/operator';
import { CodedError } from '@slipway/contract/problems';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { openTestApp, type TestAppOptions } from '../test-app.ts';
import { openOperator } from './operator.ts';
import { location, testBrowser } from './test-browser.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function open(options: TestAppOptions) {
  const app = await openTestApp(inject('redisUrl'), options);
  cleanUp.push(app.close);
  return app;
}

/** The file of a link whose token is `a-token`. */
async function linkFile(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-sign-in-'));
  cleanUp.push(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'sign-in');
  await writeFile(file, createHash('sha256').update('a-token').digest('hex'));
  return file;
}

const password = 'correct horse battery';
const viewerPassword = 'only to look around';
const both = { ADMIN_PASSWORD: password, ADMIN_VIEWER_PASSWORD: viewerPassword };

test('a password signs in, by way of a look whether the cookie was kept', async () => {
  const browser = testBrowser(await open({ operator: both }));
  expect(location(await browser.ask('/admin'))).toBe('/admin/');
  expect(location(await browser.ask('/admin/'))).toBe('/admin/login');
  const form = await (await browser.ask('/admin/login')).text();
  expect(form).toContain('name="password"');
  expect(form).not.toMatch(/Hugging Face|link that was printed/);

  const answer = await browser.signIn(password);
  expect([answer.status, location(answer)]).toEqual([303, '/admin/login?done=1&next=%2Fadmin%2F']);
  const seen = await browser.ask(location(answer) ?? '');
  expect([seen.status, location(seen)]).toEqual([303, '/admin/']);
  const page = await (await browser.ask('/admin/')).text();
  expect(page).toContain('Signed in as <strong>password</strong>, operator');
  expect(page).toContain('Sign everybody out');
});

test('point 26: a browser that keeps no cookie is told, and on a Space offered another tab', async () => {
  const SPACE_HOST = ['ann-demo.hf.space'];
  const app = await open({ operator: { ...both, SPACE_HOST }, onSpace: true });
  const page = await (await testBrowser(app).ask('/admin/login?done=1&next=%2Fadmin%2F')).text();
  expect(page).toContain('kept no cookie');
  expect(page).toContain('<a href="/admin/" target="_blank" rel="noopener">Open in a new tab</a>');
});

test.each([
  ['/docs?x=1', '/docs?x=1'],
  ['//attacker.example', '/admin/'],
])('point 29: after signing in, next=%s goes on to %s', async (next, to) => {
  const browser = testBrowser(await open({ operator: both }));
  expect(await (await browser.ask(`/admin/login?next=${encodeURIComponent(next)}`)).text()).toContain(`value="${to}"`);
  const answer = await browser.post('/admin/login', { password, next });
  expect(location(await browser.ask(location(answer) ?? ''))).toBe(to);
});

test.each([
  ['a wrong password', 'correct horse batterY'],
  ['none', ''],
])('%s is 401, says so, and begins no session', async (_what, wrong) => {
  const browser = testBrowser(await open({ operator: both }));
  const answer = await browser.signIn(wrong);
  expect(answer.status).toBe(401);
  expect(await answer.text()).toContain('This password is not right.');
  expect(browser.jar.size).toBe(0);
});

test('point 13: where no password is set, none signs in, not even an empty one', async () => {
  const app = await open({ operator: {} });
  for (const wrong of ['', 'undefined', 'null']) expect((await testBrowser(app).signIn(wrong)).status).toBe(401);
});

test('who tries passwords is stopped by address, and then the right one tells nothing', async () => {
  const app = await open({ operator: both });
  const status = async (shown: string, address: string) =>
    (await testBrowser(app).signIn(shown, { 'X-Forwarded-For': address })).status;
  for (let i = 0; i < 10; i++) expect(await status(`guess ${i}`, `203.0.113.${i}, 198.51.100.7`)).toBe(401);
  expect(await status(password, '198.51.100.7')).toBe(429);
  expect(await status(password, '198.51.100.8')).toBe(303);
  const answer = await testBrowser(app).signIn(password, { 'X-Forwarded-For': '198.51.100.7' });
  expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(answer.headers.get('Content-Type')).toContain('text/html');
});

test('point 25: a page of another site can neither sign in nor act', async () => {
  const app = await open({ operator: both });
  const browser = testBrowser(app);
  const elsewhere = { Origin: 'https://attacker.example', 'Sec-Fetch-Site': 'cross-site' };
  expect((await browser.signIn(password, elsewhere)).status).toBe(403);
  expect(browser.jar.size).toBe(0);
  await browser.signIn(password);
  for (const path of ['/admin/sign-out', '/admin/sign-out-everywhere', '/api/v1/admin/sign-out-everywhere'])
    expect((await browser.post(path, {}, elsewhere)).status).toBe(403);
  expect((await browser.ask('/admin/')).status).toBe(200);

  const role = (headers: Record<string, string>, method = 'GET') =>
    app.deps.operator.roleOf({
      method,
      headers: new Headers({ Host: 'here.example', Cookie: browser.cookie(), ...headers }),
    });
  const navigation = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' };
  expect(await role({})).toBe('operator');
  expect(await role(navigation)).toBe('operator');
  expect(await role(navigation, 'POST')).toBe(null);
  expect(await role(elsewhere)).toBe(null);
  expect(await role({ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' })).toBe(null);
});

test('signing out takes the cookie, signing everybody out ends every session, and no viewer may', async () => {
  const app = await open({ operator: both });
  const [ann, bob, viewer] = [testBrowser(app), testBrowser(app), testBrowser(app)];
  await ann.signIn(password);
  await bob.signIn(password);
  await viewer.signIn(viewerPassword);
  const status = (browser: typeof ann) => browser.ask('/admin/').then((answer) => answer.status);

  expect(location(await ann.post('/admin/sign-out'))).toBe('/admin/login');
  expect([await status(ann), await status(bob)]).toEqual([303, 200]);
  expect((await viewer.post('/admin/sign-out-everywhere')).status).toBe(403);
  expect((await ann.post('/admin/sign-out-everywhere')).status).toBe(403);
  expect([await status(bob), await status(viewer)]).toEqual([200, 200]);

  await bob.post('/admin/sign-out-everywhere');
  expect([await status(bob), await status(viewer)]).toEqual([303, 303]);
  await bob.signIn(password);
  expect(await status(bob)).toBe(200);
});

test('a viewer sees how the instance is, but no job and no button', async () => {
  const app = await open({ operator: both });
  await app.summarize('Nobody but the operator reads this.');
  const [operator, viewer] = [testBrowser(app), testBrowser(app)];
  await operator.signIn(password);
  await viewer.signIn(viewerPassword);
  expect(await (await operator.ask('/admin/')).text()).toContain('Nobody but the operator reads this.');
  const page = await (await viewer.ask('/admin/')).text();
  expect(page).toContain('Redis answers.');
  expect(page).not.toMatch(/Nobody but|summarize_|sign-out-everywhere/);
  const asked = { method: 'GET', headers: new Headers({ Cookie: viewer.cookie() }) };
  expect(await app.deps.operator.roleOf(asked)).toBe('viewer');
});

test('what callers sent is text on the page and nothing else', async () => {
  const app = await open({ operator: both });
  await app.summarize('<script>alert(1)</script><img src=x onerror=alert(1)>');
  const browser = testBrowser(app);
  await browser.signIn(password);
  const page = await (await browser.ask('/admin/')).text();
  expect(page).toContain('&lt;script&gt;');
  expect(page).not.toMatch(/<script|<img|undefined|\[object|>false<|>null</);
});

test.each([
  ['on a Space', true, /frame-ancestors 'self' https:\/\/huggingface\.co https:\/\/\*\.hf\.space$/],
  ['elsewhere', false, /frame-ancestors 'none'$/],
])('point 24: %s pages say who may frame them, and run nothing', async (_where, onSpace, ancestors) => {
  const browser = testBrowser(await open({ operator: both, onSpace }));
  const answers = await Promise.all(['/admin/', '/admin/login', '/login/callback'].map((at) => browser.ask(at)));
  for (const { headers } of [...answers, await browser.signIn('wrong')]) {
    expect(headers.get('Content-Security-Policy')).toMatch(ancestors);
    expect(headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(headers.get('X-Frame-Options')).toBeNull();
    expect(headers.get('Cache-Control')).toBe('no-store');
  }
});

test('the style of the page is the one that its policy allows', async () => {
  const answer = await testBrowser(await open({ operator: both })).ask('/admin/login');
  const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(await answer.text()) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  expect(answer.headers.get('Content-Security-Policy')).toContain(`'sha256-${hash}'`);
});

test('point 13: on a Space with nothing set it is closed, and says how to open it', async () => {
  const signInFile = await linkFile();
  const browser = testBrowser(await open({ onSpace: true, signInFile }));
  for (const at of ['/admin/login', '/admin/login?token=a-token']) {
    const answer = await browser.ask(at);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toMatch(/Nobody can sign in here yet[\s\S]*ADMIN_PASSWORD[\s\S]*hf_oauth: true/);
  }
  expect((await browser.ask('/admin/login/hub')).status).toBe(404);
  expect((await browser.ask('/api/v1/admin/state')).status).toBe(401);
  expect(browser.jar.size).toBe(0);
});

test('the link signs in once, whoever comes first; what only looks ahead does not use it up', async () => {
  const signInFile = await linkFile();
  const app = await open({ signInFile });
  const link = '/admin/login?token=a-token';
  await testBrowser(app).ask(link, { method: 'HEAD' });
  await testBrowser(app).ask(link, { headers: { 'Sec-Purpose': 'prefetch;prerender' } });
  expect((await testBrowser(app).ask('/admin/login?token=another')).status).toBe(401);

  const all = await Promise.all(Array.from({ length: 5 }, () => testBrowser(app).ask(link)));
  expect(all.map(({ status }) => status).toSorted()).toEqual([303, 401, 401, 401, 401]);
  expect(await readdir(path.dirname(signInFile))).toEqual([]);
});

test('wrong links keep neither the right one out nor a password', async () => {
  const app = await open({ operator: { ADMIN_VIEWER_PASSWORD: viewerPassword }, signInFile: await linkFile() });
  for (let i = 0; i < 15; i++) expect((await testBrowser(app).ask('/admin/login?token=x')).status).toBe(401);
  expect((await testBrowser(app).signIn(viewerPassword)).status).toBe(303);
  expect((await testBrowser(app).ask('/admin/login?token=a-token')).status).toBe(303);
});

test('while Redis is away a link is not used up', async () => {
  const signInFile = await linkFile();
  const app = await open({ signInFile });
  const { queues } = app.deps;
  const { use } = queues;
  queues.use = () => Promise.reject(new CodedError('queue_unavailable', 'away'));
  expect((await testBrowser(app).ask('/admin/login?token=a-token')).status).toBe(503);
  queues.use = use;
  expect((await testBrowser(app).ask('/admin/login?token=a-token')).status).toBe(303);
});

test('a form that is none is malformed, and no guess', async () => {
  const app = await open({ operator: both });
  const broken = {
    method: 'POST',
    body: '--x\r\nbroken',
    headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
  };
  for (let i = 0; i < 15; i++) expect((await testBrowser(app).ask('/admin/login', broken)).status).toBe(400);
  expect((await testBrowser(app).signIn(password)).status).toBe(303);
});

test('many passwords at once are no more than one after the other', async () => {
  const app = await open({ operator: both });
  const all = await Promise.all(Array.from({ length: 30 }, (_, i) => testBrowser(app).signIn(`guess ${i}`)));
  expect(all.filter(({ status }) => status === 401)).toHaveLength(10);
});

test('where only strangers could sign in, the log says so at the start', () => {
  const oauth = { OAUTH_CLIENT_ID: 'id', OAUTH_CLIENT_SECRET: 'secret' };
  const warnings = (env: OperatorEnv) => {
    const warn = vi.fn();
    openOperator({ config: operatorConfig(env), log: { warn } } as never);
    return warn.mock.calls;
  };
  expect(warnings(oauth)).toEqual([[expect.stringContaining('ADMIN_USERS')]]);
  for (const way of [
    { ADMIN_USERS: ['ann'] },
    { ADMIN_VIEWERS: ['ann'] },
    { ADMIN_ORGS: ['acme'] },
    { SPACE_CREATOR_USER_ID: 'id-of-ann' },
    { ADMIN_PASSWORD: password },
  ])
    expect(warnings({ ...oauth, ...way })).toEqual([]);
  expect(warnings({})).toEqual([]); // there is the link, or a page that says what to set
});

test('a link is of no use where a password is set', async () => {
  const signInFile = await linkFile();
  const browser = testBrowser(await open({ operator: both, signInFile }));
  expect((await browser.ask('/admin/login?token=a-token')).status).toBe(200);
  expect(browser.jar.size).toBe(0);
});

test('a form that is too large is refused', async () => {
  const browser = testBrowser(await open({ operator: both }));
  expect((await browser.signIn('x'.repeat(20_000))).status).toBe(413);
});
