import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { watchForFaults } from './chromium.ts';
import { reaches, useBrowser } from './page.ts';
import { type Stack, startStack } from './stack.ts';
import { transcript } from './transcript.ts';

const browser = useBrowser();

/** What a screen reader says of a field besides its label. */
async function describedAs(page: Page, field: Locator): Promise<string> {
  const ids = ((await field.getAttribute('aria-describedby')) ?? '').split(' ').filter(Boolean);
  return (await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).textContent()))).join(' ');
}

describe('without a model', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ env: { CLASSIFY_IMAGE_MODEL: '' } });
  });
  afterAll(() => stack.remove());

  test('a person pastes a meeting, presses the button, sees it run, and reads the summary', async () => {
    const page = await browser.newPage();
    const faults = watchForFaults(page);
    await page.goto(stack.url);

    await page.getByLabel('Text to summarize').fill(transcript());
    await page.getByRole('button', { name: 'Summarize' }).click();
    await reaches(page, 'succeeded');
    const summary = page.getByTestId('summary');
    const before = await summary.textContent();
    expect(before?.split(/\s+/).length).toBeGreaterThan(40);
    expect(await page.getByTestId('engine').textContent()).toContain('extractive');

    // the job is in the address: a reload shows it again, and the text is still there
    await page.reload();
    await reaches(page, 'succeeded');
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
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
    expect(await describedAs(page, field)).toContain('Must not be empty or blank.');
    expect(await field.inputValue()).toBe('   ');
    await page.getByLabel('Text to summarize').and(page.locator(':focus')).waitFor();
    await field.fill('One sentence.');
    await expect.poll(() => field.getAttribute('aria-invalid')).not.toBe('true');
    await page.close();
  });

  test('options open for their faults, and mending one leaves the other marked', async () => {
    const page = await browser.newPage();
    await page.goto(stack.url);
    await page.getByLabel('Text to summarize').fill('One sentence.');
    const options = page.getByRole('button', { name: 'Options' });
    const minTokens = page.getByLabel('Min tokens');
    const maxTokens = page.getByLabel('Max tokens');
    await options.click();
    await minTokens.fill('0');
    await maxTokens.fill('9999');
    await options.click();
    await minTokens.waitFor({ state: 'hidden' });

    await page.getByRole('button', { name: 'Summarize' }).click();
    await minTokens.and(page.locator(':focus')).waitFor();
    expect(await describedAs(page, minTokens)).toContain('Must be at least 1.');
    expect(await describedAs(page, maxTokens)).toContain('Must be at most 2000.');
    await minTokens.fill('');
    await expect.poll(() => minTokens.getAttribute('aria-invalid')).not.toBe('true');
    expect(await maxTokens.getAttribute('aria-invalid')).toBe('true');
    await page.close();
  });

  test('a task that is off here is shown, with the reason', async () => {
    const page = await browser.newPage();
    const faults = watchForFaults(page);
    await page.goto(stack.url);
    await page.getByRole('link', { name: 'Classify image (off)' }).click();
    expect(await page.getByTestId('off').textContent()).toContain('No model is set');
    expect(await page.getByRole('button', { name: 'Classify image' }).count()).toBe(0);

    await page.goBack();
    await page.getByRole('button', { name: 'Summarize' }).waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });
});
