import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { openBrowser } from './chromium.ts';

/** One browser for all tests of the file that calls this. */
export function useBrowser(): { newPage: () => Promise<Page> } {
  let browser: BrowserContext;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ browser, close } = await openBrowser());
  });
  afterAll(() => close());
  return { newPage: () => browser.newPage() };
}

/** Waits until the page shows its job in this state. */
export const reaches = (page: Page, state: string) =>
  page.locator(`[data-testid=state][data-state=${state}]`).waitFor();
