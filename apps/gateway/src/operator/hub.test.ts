import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OperatorEnv } from '@slipway/config/operator';
// @ts-expect-error: it comes without types
import Provider from 'oidc-provider';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { openTestApp } from '../test-app.ts';
import { location, testBrowser } from './test-browser.ts';
import { type Account, client, startProvider, type TestProvider } from './test-provider.ts';

const cleanUp: (() => unknown)[] = [];
let provider: TestProvider;
beforeAll(async () => {
  vi.spyOn(console, 'warn').mockImplementationOnce(() => {}); // that it keeps its data in memory
  provider = await startProvider(Provider, [
    'https://ann-demo.hf.space/login/callback',
    'http://here.example/login/callback',
  ]);
});
afterAll(() => provider.close());
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

const space = { SPACE_HOST: ['ann-demo.hf.space', 'demo.acme.example'], SPACE_CREATOR_USER_ID: 'id-of-ann' };
const account = (name: string, orgs: Account['orgs'] = []): Account => ({
  sub: `id-of-${name.toLowerCase()}`,
  preferred_username: name,
  orgs,
});

async function open(env: OperatorEnv = {}, onSpace = true) {
  const oauth = { OAUTH_CLIENT_ID: client.id, OAUTH_CLIENT_SECRET: client.secret, OPENID_PROVIDER_URL: provider.url };
  const operator = { ...oauth, ...(onSpace && space), ...env };
  const app = await openTestApp(inject('redisUrl'), { operator, onSpace });
  cleanUp.push(app.close);
  return app;
}
type Browser = ReturnType<typeof testBrowser>;

/** Over to the provider and back, until our callback answers. */
async function signIn(browser: Browser, as: Account | null, next = '/admin/') {
  const begun = await browser.ask(`/admin/login/hub?next=${encodeURIComponent(next)}`);
  const back = await provider.visit(location(begun) ?? '', as);
  return { begun, back, answer: await browser.ask(back.pathname + back.search) };
}

test('point 27: who made the Space signs in with state, PKCE and the first host, and goes where he wanted to', async () => {
  const browser = testBrowser(await open());
  expect(await (await browser.ask('/admin/login')).text()).toContain(
    '<a href="https://ann-demo.hf.space/admin/login/hub?next=%2Fadmin%2F" target="_blank" rel="noopener">Sign in with Hugging Face</a>',
  );
  provider.asked.splice(0);
  const { begun, back, answer } = await signIn(browser, account('Ann'), '/docs');
  const { searchParams } = new URL(location(begun) ?? '');
  expect(Object.fromEntries(searchParams)).toMatchObject({
    client_id: client.id,
    response_type: 'code',
    scope: 'openid profile',
    redirect_uri: 'https://ann-demo.hf.space/login/callback',
    code_challenge_method: 'S256',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    state: expect.stringMatching(/^[\w-]{43}$/),
  });
  expect(back.origin + back.pathname).toBe('https://ann-demo.hf.space/login/callback');
  const token = provider.asked.find(({ path }) => path === '/token');
  expect(token?.authorization).toBe(`Basic ${btoa(`${client.id}:${client.secret}`)}`);

  expect(location(answer)).toBe('/admin/login?done=1&next=%2Fdocs');
  expect(location(await browser.ask(location(answer) ?? ''))).toBe('/docs');
  expect([...browser.jar.keys()]).toEqual(['__Host-slipway-operator']);
  expect(await (await browser.ask('/admin/')).text()).toContain('Signed in as <strong>ann</strong>, operator');
});

test.each([
  ['anybody else', {}, account('mallory'), null],
  ['who is on the list', { ADMIN_USERS: ['bob'] }, account('Bob'), 'operator'],
  ['who may look', { ADMIN_VIEWERS: ['carol'] }, account('carol'), 'viewer'],
  [
    'an admin of the organisation',
    { ADMIN_ORGS: ['acme'] },
    account('dan', [{ preferred_username: 'Acme', roleInOrg: 'admin' }]),
    'operator',
  ],
  [
    'a member of it',
    { ADMIN_ORGS: ['acme'] },
    account('eve', [{ preferred_username: 'acme', roleInOrg: 'write' }]),
    'viewer',
  ],
  [
    'an admin of another',
    { ADMIN_ORGS: ['acme'] },
    account('fred', [{ preferred_username: 'umbrella', roleInOrg: 'admin' }]),
    null,
  ],
  [
    'an admin of it without its single sign-on',
    { ADMIN_ORGS: ['acme'] },
    account('gus', [{ preferred_username: 'acme', roleInOrg: 'admin', pendingSSO: true }]),
    null,
  ],
  [
    'an admin of it without its second factor',
    { ADMIN_ORGS: ['acme'] },
    account('hal', [{ preferred_username: 'acme', roleInOrg: 'admin', missingMFA: true }]),
    null,
  ],
])('point 28: %s is %4$s', async (_who, env, as, role) => {
  const browser = testBrowser(await open(env));
  const { answer } = await signIn(browser, as);
  if (role === null) {
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain(`${as.preferred_username} is not let in here`);
    expect(browser.jar.size).toBe(0);
  } else {
    expect(answer.status).toBe(303);
    expect(await (await browser.ask('/admin/')).text()).toContain(`</strong>, ${role},`);
  }
});

test('off a Space people are sent back to the host that they asked', async () => {
  const browser = testBrowser(await open({ ADMIN_USERS: ['bob'] }, false));
  const { back, answer } = await signIn(browser, account('bob'));
  expect(back.origin).toBe('http://here.example');
  expect(answer.status).toBe(303);
});

test('who says no at the provider is not signed in', async () => {
  const browser = testBrowser(await open());
  const { answer } = await signIn(browser, null);
  expect(answer.status).toBe(403);
  expect(browser.jar.size).toBe(0);
});

test('point 27: what comes back in another browser, twice, or with another state is refused', async () => {
  const app = await open();
  const browser = testBrowser(app);
  const begun = await browser.ask('/admin/login/hub');
  const back = await provider.visit(location(begun) ?? '', account('ann'));
  expect((await testBrowser(app).ask(back.pathname + back.search)).status).toBe(400);

  const forged = new URL(back);
  forged.searchParams.set('state', 'another');
  const other = testBrowser(app);
  await other.ask('/admin/login/hub');
  expect((await other.ask(back.pathname + back.search)).status).toBe(400);
  await other.ask('/admin/login/hub');
  expect((await other.ask(forged.pathname + forged.search)).status).toBe(400);
  expect(other.jar.size).toBe(0);

  expect((await browser.ask(back.pathname + back.search)).status).toBe(303);
  expect((await browser.ask(back.pathname + back.search)).status).toBe(400);
});

test("point 27: a code of another person's sign-in does not fit the verifier that this browser has", async () => {
  const app = await open();
  const [victim, attacker] = [testBrowser(app), testBrowser(app)];
  const theirs = await provider.visit(location(await attacker.ask('/admin/login/hub')) ?? '', account('ann'));
  const mine = new URL(location(await victim.ask('/admin/login/hub')) ?? '');
  theirs.searchParams.set('state', mine.searchParams.get('state') ?? '');
  expect((await victim.ask(theirs.pathname + theirs.search)).status).toBe(502);
  expect(victim.jar.size).toBe(0);
});

test('who tries callbacks is stopped by address', async () => {
  const browser = testBrowser(await open(), { 'X-Forwarded-For': '198.51.100.7' });
  const status = async () => {
    const begun = new URL(location(await browser.ask('/admin/login/hub')) ?? '');
    const query = new URLSearchParams({
      code: 'a-guess',
      state: begun.searchParams.get('state') ?? '',
      iss: provider.url,
    });
    return (await browser.ask(`/login/callback?${query}`)).status;
  };
  for (let i = 0; i < 10; i++) expect(await status()).toBe(502);
  expect(await status()).toBe(429);
});

test('as many come back at once as may one after the other, and a password is not in their way', async () => {
  const password = 'correct horse battery';
  const app = await open({ ADMIN_PASSWORD: password });
  const browser = testBrowser(app);
  const begun = new URL(location(await browser.ask('/admin/login/hub')) ?? '');
  const state = begun.searchParams.get('state') ?? '';
  const query = new URLSearchParams({ code: 'a-guess', state, iss: provider.url });
  const headers = { Cookie: browser.cookie() };
  provider.asked.splice(0);
  const all = await Promise.all(Array.from({ length: 30 }, () => app.request(`/login/callback?${query}`, { headers })));
  expect(all.filter(({ status }) => status === 502)).toHaveLength(10);
  expect(all.filter(({ status }) => status === 429)).toHaveLength(20);
  expect(provider.asked.filter(({ path }) => path === '/token')).toHaveLength(10);
  expect((await testBrowser(app).signIn(password)).status).toBe(303);
});

test('wrong passwords do not keep out who comes back from the Hub', async () => {
  const app = await open({ ADMIN_PASSWORD: 'correct horse battery' });
  for (let i = 0; i < 11; i++) await testBrowser(app).signIn(`guess ${i}`);
  expect((await testBrowser(app).signIn('correct horse battery')).status).toBe(429);
  const { answer } = await signIn(testBrowser(app), account('ann'));
  expect(answer.status).toBe(303);
});

test('point 27: an answer that names another issuer is refused', async () => {
  const browser = testBrowser(await open());
  const back = await provider.visit(location(await browser.ask('/admin/login/hub')) ?? '', account('ann'));
  expect(back.searchParams.get('iss')).toBe(provider.url);
  back.searchParams.set('iss', 'https://attacker.example');
  expect((await browser.ask(back.pathname + back.search)).status).toBe(502);
  expect(browser.jar.size).toBe(0);
});

test('without an ID token nobody is asked about', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const issuer = `http://${request.headers.host}`;
    const { pathname } = new URL(request.url ?? '', issuer);
    asked.push(pathname);
    const bodies: Record<string, object> = {
      '/token': { access_token: 'a-token', token_type: 'bearer' },
      '/userinfo': { sub: 'id-of-ann', preferred_username: 'ann' },
    };
    const metadata = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
    };
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(bodies[pathname] ?? metadata));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(() => server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = testBrowser(await open({ OPENID_PROVIDER_URL: url }));
  const begun = new URL(location(await browser.ask('/admin/login/hub')) ?? '');
  const query = new URLSearchParams({ code: 'a-code', state: begun.searchParams.get('state') ?? '' });
  expect((await browser.ask(`/login/callback?${query}`)).status).toBe(502);
  expect(asked.filter((path) => !path.startsWith('/.well-known/'))).toEqual(['/token']);
  expect(browser.jar.size).toBe(0);
});

test('point 27: a provider that is away or calls itself otherwise is told of, and asked again', async () => {
  let issuer = 'https://attacker.example';
  const server = createServer((_request, response) => {
    const metadata = { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` };
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(metadata));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = testBrowser(await open({ OPENID_PROVIDER_URL: url }));
  const answer = await browser.ask('/admin/login/hub');
  expect([answer.status, location(answer)]).toEqual([502, null]);
  expect(browser.jar.size).toBe(0);

  issuer = url;
  expect(location(await browser.ask('/admin/login/hub'))).toMatch(`${url}/authorize?`);
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  expect((await testBrowser(await open({ OPENID_PROVIDER_URL: url })).ask('/admin/login/hub')).status).toBe(502);
});
