import { problemSchema } from '@slipway/contract/problems';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Container, createContainers, runDir } from './containers.ts';
import { whyNoContainer } from './podman.ts';

/**
 * A container as a Space runs it, with no volume and no flag, behind the platform's proxy. What takes long, a stream that
 * is idle for 90 s and the longest waits, begins with it, and goes on beside the other tests.
 */

const missing = whyNoContainer();
const { start, removeAll } = createContainers();
const host = 'ann-demo.hf.space';
const password = 'correct horse battery';
const env = { SPACE_ID: 'ann/demo', SPACE_HOST: host, ADMIN_PASSWORD: password, RATE_LIMIT: '3/1h' };
const limit = 65_536;
let space: Container;
let idle: ReturnType<typeof followIdleJob>;
let longest: ReturnType<typeof longestWaits>;

const from = (address: string, more: object = {}) => ({
  Host: host,
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-For': address,
  ...more,
});
const submit = (address: string, more: object = {}) =>
  space.ask('/api/v1/jobs', {
    method: 'POST',
    headers: from(address, { 'Content-Type': 'application/json', ...more }),
    body: JSON.stringify({ task: 'summarize', input: { text: 'The harbour is quiet. The ships are gone.' } }),
  });

/** Its worker stands still, so that jobs wait. */
async function startBehindProxy(): Promise<void> {
  const settings = Object.entries({ ...env, MAX_BODY_BYTES: limit }).flatMap(([name, value]) => [
    '-e',
    `${name}=${value}`,
  ]);
  space = await start(settings);
  await signalWorker('STOP');
  idle = followIdleJob();
  longest = longestWaits();
  for (const begun of [idle, longest]) begun.catch(() => {}); // told by the tests that wait for them
}

/** And the launcher, which would kill after a minute what stands still. */
const signalWorker = async (signal: 'STOP' | 'CONT') =>
  space.sh(`kill -${signal} $(pgrep -P 1 -f apps/launcher/dist/main.js) ${await space.pid('worker')}`);

/** Follows a job that nothing happens to for 90 s; then the worker goes on. */
async function followIdleJob() {
  const { id } = JSON.parse((await submit('198.51.100.1')).body);
  const answer = await fetch(`${space.url}/api/v1/jobs/${id}/events`);
  const arrived: { at: number; text: string }[] = [];
  const health: number[] = [];
  const beganAt = performance.now();
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    arrived.push({ at: performance.now() - beganAt, text: chunk });
    if (performance.now() - beganAt < 90_000 || health.length > 0) continue;
    for (const path of ['/healthz', '/readyz']) health.push((await space.ask(path)).status);
    await signalWorker('CONT');
  }
  return { arrived, health, headers: answer.headers };
}

/** The longest that each kind of request can be made to wait. */
async function longestWaits() {
  const { id } = JSON.parse((await submit('198.51.100.2')).body);
  const timed = async (ask: Promise<{ status: number }>) => {
    const startedAt = performance.now();
    return { status: (await ask).status, ms: performance.now() - startedAt };
  };
  return Promise.all([
    timed(submit('198.51.100.3', { Prefer: 'wait=3600' })),
    timed(space.ask(`/api/v1/jobs/${id}?wait=3600`, { headers: from('198.51.100.3') })),
    timed(space.ask('/analyze?text=Quiet.', { method: 'POST', headers: from('198.51.100.3') })),
    timed(
      space.ask('/v1/predictions', {
        method: 'POST',
        headers: from('198.51.100.3', { Prefer: 'wait=3600', 'Content-Type': 'application/json' }),
        body: JSON.stringify({ version: 'slipway/summarize', input: { text: 'Quiet.' } }),
      }),
    ),
  ]);
}

beforeAll(async () => {
  if (missing) return;
  await startBehindProxy();
});
afterAll(removeAll);

describe.skipIf(missing)(`a Space behind the platform's proxy${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test('point 18: no redirect and no Location names the inner port or leaves HTTPS', async () => {
    const paths = [
      '/admin',
      '/admin/',
      '/admin/login?done=1',
      '/api',
      '/assets',
      '/docs/',
      '/login/callback',
      '//a',
      '/hf',
    ];
    const asked = paths.flatMap((path) => [from('198.51.100.4'), {}].map((headers) => space.ask(path, { headers })));
    const headers = from('198.51.100.4', { 'Content-Type': 'application/x-www-form-urlencoded' });
    const signIn = space.ask('/admin/login', {
      method: 'POST',
      headers,
      body: `password=${encodeURIComponent(password)}`,
    });
    const all = await Promise.all([...asked, signIn, submit('198.51.100.4')]);
    const locations = all.map((answer) => answer.headers.location).filter((location) => location !== undefined);
    expect(locations.length).toBeGreaterThanOrEqual(5);
    for (const location of locations) expect(location).not.toMatch(/:\d|http:/);
  });

  test('point 19: the gateway sees the public host and scheme, and the address that the platform wrote', async () => {
    const prediction = await space.ask('/v1/predictions', {
      method: 'POST',
      headers: from('198.51.100.5', { 'Content-Type': 'application/json' }),
      body: JSON.stringify({ version: 'slipway/summarize', input: { text: 'Quiet.' } }),
    });
    expect(JSON.parse(prediction.body).urls.get).toMatch(new RegExp(`^https://${host}/v1/predictions/`));
    const left = async (address: string) => /r=(\d+)/.exec(String((await submit(address)).headers.ratelimit))?.[1];
    expect(await left('198.51.100.6')).toBe('2');
    expect(await left('198.51.100.6')).toBe('1');
    expect(await left('198.51.100.7')).toBe('2');
  });

  test('point 20: who forges what stands left of it has the same limit', async () => {
    const answers = [];
    for (let i = 0; i < 5; i += 1) answers.push(await submit(`203.0.113.${i}, 198.51.100.8`));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 429, 429]);
    expect((await submit('203.0.113.0, 198.51.100.9')).status).toBe(202);
  });

  test('point 21: nginx and the gateway take bodies of the same size, and refuse larger ones as JSON', async () => {
    const outside = (bytes: number) =>
      space.ask('/api/v1/jobs', {
        method: 'POST',
        headers: from('198.51.100.10', { 'Content-Type': 'text/plain', 'Content-Length': bytes }),
        body: 'x'.repeat(bytes),
      });
    const inside = (bytes: number) =>
      space.sh(`head -c ${bytes} /dev/zero | curl --silent --unix-socket ${runDir}/gateway.sock \
        --header 'Content-Type: text/plain' --data-binary @- --write-out ' %{http_code} %{content_type}' http://x/api/v1/jobs`);
    // what is larger must not reach the gateway at all
    expect(await space.sh(`grep client_max_body_size ${runDir}/nginx.conf`)).toContain(` ${limit};`);
    const [fits, tooLarge] = [await outside(limit), await outside(limit + 1)];
    expect(fits.status).not.toBe(413);
    expect(tooLarge.status).toBe(413);
    expect(tooLarge.headers['content-type']).toBe('application/problem+json');
    expect(problemSchema.parse(JSON.parse(tooLarge.body))).toMatchObject({ code: 'body_too_large' });
    expect(await inside(limit)).not.toMatch(/ 413 /);
    expect(await inside(limit + 1)).toMatch(/"code":"body_too_large".* 413 application\/problem\+json$/);
  });

  test('point 24: the Hub may show every page in a frame, and nobody else', async () => {
    for (const path of ['/', '/admin/login', '/docs', '/api/v1/tasks', '/nowhere']) {
      const { headers } = await space.ask(path, { headers: from('198.51.100.11') });
      expect(headers['x-frame-options']).toBeUndefined();
      expect(String(headers['content-security-policy'])).toMatch(
        /frame-ancestors 'self' https:\/\/huggingface\.co https:\/\/\*\.hf\.space(;|,|$)/,
      );
    }
  });

  test('point 25: the cookie is for the frame alone, and a page of another site can do nothing', async () => {
    const body = `password=${encodeURIComponent(password)}`;
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const signIn = (more: object) =>
      space.ask('/admin/login', { method: 'POST', headers: from('198.51.100.12', { ...type, ...more }), body });
    const cookie = String((await signIn({ Origin: `https://${host}` })).headers['set-cookie']);
    for (const word of ['SameSite=None', 'Secure', 'Partitioned', 'HttpOnly', 'Path=/'])
      expect(cookie.split('; ')).toContain(word);
    const foreign = { Origin: 'https://attacker.example', 'Sec-Fetch-Site': 'cross-site' };
    expect((await signIn(foreign)).status).toBe(403);
    const [session = ''] = cookie.split(';');
    const everywhere = { method: 'POST', headers: from('198.51.100.12', { Cookie: session, ...foreign }) };
    expect((await space.ask('/admin/sign-out-everywhere', everywhere)).status).toBe(403);
    expect((await space.ask('/admin/', { headers: from('198.51.100.12', { Cookie: session }) })).status).toBe(200);
  });

  test('point 23: whatever is asked for, no request waits for a minute', async () => {
    const waits = await longest;
    expect(waits.map(({ status }) => status)).toEqual([202, 200, 504, 201]);
    for (const { ms } of waits) expect(ms).toBeLessThan(60_000);
    expect(Math.min(...waits.map(({ ms }) => ms))).toBeGreaterThan(50_000); // they did wait
  }, 120_000);

  test('point 22: a stream passes each event on at once, beats every 15 s, and lives through 90 idle seconds', async () => {
    const { arrived, headers } = await idle;
    expect(headers.get('content-type')).toContain('text/event-stream');
    expect(arrived[0]?.at).toBeLessThan(5_000);
    const gaps = arrived.slice(1).map(({ at }, i) => at - (arrived[i]?.at ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(16_000); // 15 s and its way
    expect(arrived.filter(({ text }) => text === ': still there\n\n').length).toBeGreaterThanOrEqual(6);
    expect(arrived.map(({ text }) => text).join('')).toMatch(/event: done[\s\S]+"state":"succeeded"/);
    expect(arrived.find(({ text }) => text.includes('event: done'))?.at).toBeGreaterThan(90_000);
  }, 180_000);

  test('point 12: with its worker standing still it lives and is not ready', async () => {
    expect((await idle).health).toEqual([200, 503]);
  }, 180_000);
});
