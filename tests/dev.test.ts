import { readFile, utimes } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, watchForFaults } from './chromium.ts';
import { root, type Stack, startStack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ dev: true });
});
afterAll(() => stack.remove());

/** A save without a change: the watchers can't tell it from one. */
const save = (file: string) => utimes(path.join(root, file), new Date(), new Date());

test('the page comes from Vite through the one port, with its hot reload over the same port', async () => {
  const { browser, close } = await openBrowser();
  try {
    const page = await browser.newPage();
    const faults = watchForFaults(page);
    const socket = page.waitForEvent('websocket');
    await page.goto(stack.url);
    expect(new URL((await socket).url()).port).toBe(String(stack.port));
    await page.getByRole('button', { name: 'Summarize' }).waitFor();

    const updated = page.waitForEvent('console', (message) => message.text().includes('hot updated'));
    await save('apps/admin/src/features/try/outputs/SummaryOutput.tsx');
    await updated;

    await page.getByLabel('Text to summarize').fill('One sentence is here. Another one is there.');
    await page.getByRole('button', { name: 'Summarize' }).click();
    await page.getByTestId('summary').waitFor();
    expect(faults).toEqual([]);
  } finally {
    await close();
  }
});

test('only this machine can reach it, and the data of Redis cannot be read through Vite', async () => {
  const conf = await readFile(path.join(stack.runDir, 'nginx.conf'), 'utf8');
  expect(conf).toContain(`listen 127.0.0.1:${stack.port};`);
  const allowed = await fetch(`${stack.url}/@fs${root}/apps/admin/index.html`);
  expect(allowed.status, stack.output().slice(-3000)).toBe(200);
  for (const file of ['package.json', 'LICENSE', '.env.example'])
    expect((await fetch(`${stack.url}/@fs${root}/${file}`)).status).toBeGreaterThanOrEqual(400);
});

test.each([
  ['gateway', 'apps/gateway/src/app.ts', '"msg":"gateway listens"'],
  ['worker', 'packages/queue/src/consume.ts', '"msg":"engine"'],
  ['inference process', 'apps/worker/src/handlers/summarize.ts', '"msg":"engine"'],
])('saving a file that the %s imports starts it anew', async (_name, file, sign) => {
  const starts = () => stack.output().split(sign).length - 1;
  const before = starts();
  expect(before).toBeGreaterThan(0);
  await save(file);
  await expect.poll(starts, { timeout: 20_000 }).toBeGreaterThan(before);
  const { id } = await stack.client.submit('summarize', { text: 'It still works after that.' });
  expect(await stack.client.wait(id)).toMatchObject({ state: 'succeeded' });
});
