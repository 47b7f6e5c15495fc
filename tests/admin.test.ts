import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { watchForFaults } from './chromium.ts';
import { useBrowser } from './page.ts';
import { root, type Stack, startStack } from './stack.ts';

const run = promisify(execFile);
const browser = useBrowser();
const isSignedIn = (page: Page) => page.getByText('Signed in as').waitFor();
const isSignedOut = (page: Page) => page.getByRole('heading', { name: 'Operator' }).waitFor();

describe('with a password', () => {
  const password = 'correct horse battery';
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ env: { ENGINE: 'extractive', ADMIN_PASSWORD: password } });
  });
  afterAll(() => stack.remove());

  test('the operator signs in, sees the instance and its jobs, signs out, and signs everybody out', async () => {
    const job = await stack.client.submit('summarize', { text: 'The harbour of 1880 is a museum today.' });
    await stack.client.wait(job.id);
    const page = await browser.newPage();
    const faults = watchForFaults(page);
    await page.goto(`${stack.url}/admin/`);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await isSignedIn(page);
    expect(new URL(page.url()).pathname).toBe('/admin/');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('This instance is ready');
    await page.getByText(job.id).waitFor();
    expect(await page.getByRole('row', { name: /summarize/ }).allTextContents()).toContainEqual(
      expect.stringContaining('extractive'),
    );
    expect(await page.evaluate('document.cookie')).toBe(''); // no script can read it

    await page.getByRole('button', { name: 'Sign out' }).click();
    await isSignedOut(page);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign everybody out' }).click();
    await isSignedOut(page);
    await page.goto(`${stack.url}/admin/`);
    await isSignedOut(page);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('npm run sign-in prints no link that would be of no use', async () => {
    const env = { ...process.env, PORT: String(stack.port) }; // which has no password
    const asked = run(process.execPath, ['scripts/sign-in.ts'], { cwd: root, env });
    await expect(asked).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('takes no links'),
    });
  });

  test('a wrong password is told beside the form', async () => {
    const page = await browser.newPage();
    await page.goto(`${stack.url}/admin/login`);
    await page.getByLabel('Password').fill('not the right one');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('This password is not right.').waitFor();
    await page.getByLabel('Password').waitFor();
    await page.close();
  });

  test('point 25: a form on a page of another site cannot sign anybody out', async () => {
    const page = await browser.newPage();
    await page.goto(`${stack.url}/admin/login`);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await isSignedIn(page);

    // to the browser localhost is another site than 127.0.0.1
    const trap = `<form method="post" action="${stack.url}/admin/sign-out"><button>A prize</button></form>`;
    await page.route('http://localhost:1/', (route) => route.fulfill({ contentType: 'text/html', body: trap }));
    await page.goto('http://localhost:1/');
    await page.getByRole('button', { name: 'A prize' }).click();
    await page.getByText('another site').waitFor();
    await page.goto(`${stack.url}/admin/`);
    await isSignedIn(page);
    await page.close();
  });

  test('point 31: a session outlives the gateway', async () => {
    const page = await browser.newPage();
    await page.goto(`${stack.url}/admin/login`);
    if (await page.getByLabel('Password').isVisible()) {
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
    }
    await isSignedIn(page);
    const before = await stack.pid('gateway');
    process.kill(before, 'SIGKILL');
    await expect.poll(() => stack.pid('gateway').catch(() => before), { timeout: 20_000 }).not.toBe(before);
    await expect.poll(async () => (await page.goto(`${stack.url}/admin/`))?.status(), { timeout: 20_000 }).toBe(200);
    await isSignedIn(page);
    await page.close();
  });
});

describe('with nothing set', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ env: { ENGINE: 'extractive', LOG_LEVEL: 'debug' } });
  });
  afterAll(() => stack.remove());

  test('the link that is printed at the start signs in once, and another can be had', async () => {
    const [, link = ''] = /Operate it +http:\/\/localhost:\d+(\/admin\/login\?token=\S+)/.exec(stack.output()) ?? [];
    const page = await browser.newPage();
    const faults = watchForFaults(page);
    await page.goto(stack.url + link);
    await isSignedIn(page);
    expect(page.url()).toBe(`${stack.url}/admin/`); // the token is gone from the address
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('It works once').waitFor();
    expect(faults).toEqual([]);
    await page.goto(stack.url + link);
    await page.getByRole('alert').getByText('used already').waitFor();

    const env = { ...process.env, PORT: String(stack.port) };
    const { stdout } = await run(process.execPath, ['scripts/sign-in.ts'], { cwd: root, env });
    await page.goto(stdout.trim().replace('localhost', '127.0.0.1'));
    await isSignedIn(page);
    const [, token = ''] = link.split('token=');
    expect(token).toHaveLength(43);
    expect(stack.output().split(token)).toHaveLength(2); // where it was printed, and in no line of the log
    await page.close();
  });
});
