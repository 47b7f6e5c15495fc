import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, watchForFaults } from './chromium.ts';
import { type Stack, startStack } from './stack.ts';
import { transcript } from './transcript.ts';

let stack: Stack;
let browser: BrowserContext;
let closeBrowser: () => Promise<void>;
beforeAll(async () => {
  stack = await startStack();
  ({ browser, close: closeBrowser } = await openBrowser());
});
afterAll(async () => {
  await closeBrowser();
  await stack.remove();
});

test('a person pastes a meeting, presses the button, sees it run, and reads the summary', async () => {
  const page = await browser.newPage();
  const faults = watchForFaults(page);
  await page.goto(stack.url);
  const states = page.getByTestId('state');

  await page.getByLabel('Text to summarize').fill(transcript());
  await page.getByRole('button', { name: 'Summarize' }).click();
  const summary = page.getByTestId('summary');
  await summary.waitFor();
  expect(await states.getAttribute('data-state')).toBe('succeeded');
  expect((await summary.textContent())?.split(/\s+/).length).toBeGreaterThan(40);
  expect(await page.getByTestId('engine').textContent()).toContain('extractive');

  // the job is in the address: a reload shows it again, and the text is still there
  const before = await summary.textContent();
  await page.reload();
  await summary.waitFor();
  expect(await summary.textContent()).toBe(before);
  expect((await page.getByLabel('Text to summarize').inputValue()).length).toBeGreaterThan(1_000);
  expect(faults).toEqual([]);
  await page.close();
});

test('a fault is told beside the text, and nothing typed is lost', async () => {
  const page = await browser.newPage();
  await page.goto(stack.url);
  const field = page.getByLabel('Text to summarize');
  await field.fill('   ');
  await page.getByRole('button', { name: 'Summarize' }).click();
  const describedBy = async () => (await field.getAttribute('aria-describedby')) ?? '';
  await expect.poll(async () => (await field.getAttribute('aria-invalid')) === 'true').toBe(true);
  const ids = (await describedBy()).split(' ').filter(Boolean);
  const told = await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).textContent()));
  expect(told.join(' ')).toMatch(/empty|blank/);
  expect(await field.inputValue()).toBe('   ');
  await page.close();
});
