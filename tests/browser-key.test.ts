import { afterAll, beforeAll, expect, test } from 'vitest';
import { reaches, useBrowser } from './page.ts';
import { type Stack, startStack } from './stack.ts';

const key = 'key-of-ann-0123456789';
const browser = useBrowser();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ env: { ENGINE: 'extractive', API_KEYS: `ann:${key}` } });
});
afterAll(() => stack.remove());

test('a page whose service wants a key asks for it once, and what was entered is not lost', async () => {
  const page = await browser.newPage();
  await page.goto(stack.url);
  await page.getByLabel('Text to summarize').fill('The harbour of 1880 is a museum today. Ships left it long ago.');
  await page.getByRole('button', { name: 'Summarize' }).click();
  const form = page.getByTestId('key-form');
  await form.getByLabel('API key', { exact: true }).fill('not-the-right-key-at-all');
  await form.getByRole('button', { name: 'Use this key' }).click();
  await form.getByText('not known').waitFor();
  await form.getByLabel('API key', { exact: true }).fill(key);
  await form.getByRole('button', { name: 'Use this key' }).click();
  await reaches(page, 'succeeded');

  await page.reload(); // the browser keeps the key
  await reaches(page, 'succeeded');
  await page.getByRole('button', { name: 'Run again' }).click();
  await reaches(page, 'succeeded');
  expect(await form.count()).toBe(0);
});
