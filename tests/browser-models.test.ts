import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { watchForFaults } from './chromium.ts';
import { reaches, useBrowser } from './page.ts';
import { type Stack, startStack } from './stack.ts';
import { transcript } from './transcript.ts';

const browser = useBrowser();

/** PNG files of one pixel. */
const red = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
);
const blue = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC',
  'base64',
);

const stateOf = (page: Page) => page.getByTestId('state');

describe('with models made here, slow enough to be watched', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ models: { slow: 1024 } });
    await vi.waitFor(modelIsReady, { timeout: 60_000, interval: 100 });
  });
  const modelIsReady = async () =>
    expect((await stack.client.readiness()).tasks.summarize?.engine).toBe('transformers');
  afterAll(() => stack.remove());

  test('a summary grows on the screen and can be canceled; what was written stays', async () => {
    const page = await browser.newPage();
    const faults = watchForFaults(page);
    await page.goto(stack.url);
    // the model copies, some milliseconds a character: time enough to see it and to stop it
    await page.getByLabel('Text to summarize').fill(transcript().slice(0, 900));
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByLabel('Max tokens').fill('2000');
    await page.getByRole('button', { name: 'Summarize' }).click();

    const growing = page.locator('[data-testid=summary][aria-busy=true]', { hasText: /\w/ });
    await growing.waitFor();
    expect(await stateOf(page).textContent()).toBe('Running');
    expect(await page.getByTestId('progress').textContent()).toMatch(/Summarizing: .*\d %/);
    await page.getByRole('button', { name: 'What is being done' }).click();
    await page.getByTestId('log').getByText('made/copier').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();

    await reaches(page, 'canceled');
    expect(await page.getByRole('heading', { name: 'Unfinished summary' }).count()).toBe(1);
    expect(await page.getByTestId('summary').getAttribute('aria-busy')).toBe('false');
    expect(await page.getByRole('button', { name: 'Cancel' }).count()).toBe(0);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('a file is summarized in place of the text, which is kept', async () => {
    const page = await browser.newPage();
    const faults = watchForFaults(page);
    await page.goto(stack.url);
    await page.getByLabel('Text to summarize').fill('Not this one.');
    await page.locator('input[type=file]').setInputFiles({
      name: 'ferry.html',
      mimeType: 'text/html',
      buffer: Buffer.from('<html><body><p>The ferry <b>leaves</b> at six.</p></body></html>'),
    });
    expect(await page.getByTestId('file').textContent()).toContain('ferry.html (64 B)');
    await page.getByRole('button', { name: 'Summarize' }).click();
    await reaches(page, 'succeeded');
    expect((await page.getByTestId('summary').textContent())?.trim()).toBe('The ferry leaves at six.');
    expect(await page.getByTestId('model').textContent()).toBe('made/copier');
    expect(await page.getByTestId('speed').textContent()).toMatch(/^\d.* tokens\/s$/);

    await page.getByRole('button', { name: 'Remove' }).click();
    expect(await page.getByLabel('Text to summarize').inputValue()).toBe('Not this one.');
    expect(faults).toEqual([]);
    await page.close();
  });

  test('labels are bars with percentages; another task is a step in the history', async () => {
    const page = await browser.newPage();
    const faults = watchForFaults(page);
    await page.goto(stack.url);
    await page.getByRole('link', { name: 'Classify text' }).click();
    const field = page.getByLabel('Text to classify');
    await field.fill('A terrible film, I hate it.');
    await field.press('Control+Enter');
    await reaches(page, 'succeeded');
    const labels = page.getByTestId('labels').getByRole('listitem');
    expect(await labels.first().textContent()).toMatch(/^NEGATIVE[\d.> ]+ %$/);
    expect(await labels.count()).toBe(3);

    await page.getByRole('link', { name: 'Summarize' }).click();
    await page.getByLabel('Text to summarize').waitFor();
    expect(await page.getByTestId('labels').count()).toBe(0);
    await page.goBack();
    await reaches(page, 'succeeded');
    expect(await field.inputValue()).toBe('A terrible film, I hate it.');
    expect(await labels.count()).toBe(3);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('an image is chosen or pasted, seen, and classified', async () => {
    const page = await browser.newPage();
    const faults = watchForFaults(page);
    await page.goto(`${stack.url}/#task=classify-image`);
    const button = page.getByRole('button', { name: 'Classify image' });
    await button.click();
    expect(await page.getByRole('group', { name: 'Image' }).getAttribute('data-fault')).toBe('true');
    await page.getByText('Choose an image first.').waitFor();

    await page.locator('input[type=file]').setInputFiles({ name: 'blue.png', mimeType: 'image/png', buffer: blue });
    await page.getByRole('img', { name: 'blue.png' }).waitFor();
    expect(await page.getByText('Choose an image first.').count()).toBe(0);
    await button.click();
    await reaches(page, 'succeeded');
    const first = page.getByTestId('labels').getByRole('listitem').first();
    expect(await first.textContent()).toContain('blue');

    await paste(page, red, 'red.png');
    await page.getByRole('img', { name: 'red.png' }).waitFor();
    await button.click();
    await expect.poll(() => first.textContent()).toContain('red');
    expect(faults).toEqual([]);
    await page.close();
  });

  test('a conversation of two turns, kept over a reload, left and found again', async () => {
    const page = await browser.newPage();
    const faults = watchForFaults(page);
    await page.goto(`${stack.url}/#task=chat`);
    const box = page.getByLabel('Message', { exact: true });
    const answers = page.getByTestId('assistant-message');
    const said = () => page.locator('[data-testid$=-message]').allTextContents();
    const first = ['You said:Good morning.', 'Answer:Good morning.'];
    const second = [
      'You said:One line,\nand another that takes its time to be said again.',
      'Answer:One line,\nand another that takes its time to be said again.',
    ];

    await box.fill('Good morning.');
    await box.press('Enter');
    await reaches(page, 'succeeded');
    expect(await said()).toEqual(first);
    expect(await box.inputValue()).toBe('');

    await box.pressSequentially('One line,');
    await box.press('Shift+Enter');
    await box.pressSequentially('and another that takes its time to be said again.');
    await box.press('Enter');
    await answers.nth(1).locator('[aria-busy=true]', { hasText: 'One' }).waitFor();
    await reaches(page, 'succeeded');
    expect(await said()).toEqual([...first, ...second]);
    // both turns were read
    expect(Number(await page.getByTestId('tokens-in').textContent())).toBeGreaterThan(60);

    await page.reload();
    await answers.nth(1).getByText('said again.').waitFor();
    expect(await said()).toEqual([...first, ...second]);
    await page.goBack();
    await expect.poll(said).toEqual(first);
    await page.goForward();

    await page.getByRole('link', { name: 'Summarize' }).click();
    await page.getByRole('link', { name: 'Chat' }).click();
    await expect.poll(said).toEqual([...first, ...second]);
    await page.getByRole('button', { name: 'New conversation' }).click();
    expect(await said()).toEqual([]);
    expect(new URL(page.url()).hash).toBe('#task=chat');
    expect(faults).toEqual([]);
    await page.close();
  });

  test('nothing is wider than a small phone', async () => {
    const page = await browser.newPage();
    await page.setViewportSize({ width: 360, height: 740 });
    for (const task of ['summarize', 'classify-text', 'classify-image', 'chat']) {
      await page.goto(`${stack.url}/#task=${task}`);
      await page.getByRole('button', { name: 'Options' }).click();
      await page.getByRole('spinbutton').first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    }
    await page.close();
  });
});

/** As Ctrl+V with an image in the clipboard. In words that the page compiles, for these files know no DOM. */
async function paste(page: Page, png: Buffer, name: string): Promise<void> {
  await page.evaluate(`
    const bytes = Uint8Array.from(atob('${png.toString('base64')}'), (character) => character.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], '${name}', { type: 'image/png' }));
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  `);
}
