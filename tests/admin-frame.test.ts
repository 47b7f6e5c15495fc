import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { watchForFaults } from './chromium.ts';
import { useBrowser } from './page.ts';
import { type Stack, startStack } from './stack.ts';

/** The page as a Space shows it: in a frame of huggingface.co, which a stand-in plays. */

const password = 'correct horse battery';
const browser = useBrowser();
let stack: Stack;
let address: string;
beforeAll(async () => {
  stack = await startStack({ env: { ENGINE: 'extractive', SPACE_ID: 'ann/demo', ADMIN_PASSWORD: password } });
  address = `http://localhost:${stack.port}`; // a browser takes it for as safe as HTTPS
});
afterAll(() => stack.remove());

async function spacesPage(frames: Record<string, string>): Promise<Page> {
  const page = await browser.newPage();
  await page.context().grantPermissions(['local-network-access']); // a page of the Hub may frame one of this machine
  for (const [space, source] of Object.entries(frames)) {
    const body = `<iframe src="${source}" width="900" height="700"></iframe>`;
    await page.route(`https://huggingface.co/spaces/${space}`, (route) =>
      route.fulfill({ contentType: 'text/html', body }),
    );
  }
  return page;
}

test('points 24, 25: in the frame the operator signs in, with a cookie for that place alone, and a neighbour cannot use it', async () => {
  const page = await spacesPage({ 'ann/demo': `${address}/admin/`, 'eve/trap': 'https://eve-trap.hf.space/' });
  const faults = watchForFaults(page);
  const frame = page.frameLocator('iframe');
  await page.goto('https://huggingface.co/spaces/ann/demo');
  await frame.getByLabel('Password').fill(password);
  await frame.getByRole('button', { name: 'Sign in' }).click();
  await frame.getByText('Signed in as').waitFor();
  expect(await page.context().cookies(address)).toEqual([
    expect.objectContaining({
      name: '__Host-slipway-operator',
      httpOnly: true,
      secure: true,
      sameSite: 'None',
      partitionKey: 'https://huggingface.co',
    }),
  ]);
  expect(faults).toEqual([]);

  // another Space stands in a frame of the same site, so the browser sends our cookie from there too
  const trap = `<a href="${address}/admin/">Look</a><form method="post" action="${address}/admin/sign-out-everywhere"><button>A prize</button></form>`;
  await page.route('https://eve-trap.hf.space/', (route) => route.fulfill({ contentType: 'text/html', body: trap }));
  await page.goto('https://huggingface.co/spaces/eve/trap');
  await frame.getByRole('link', { name: 'Look' }).click();
  await frame.getByText('Signed in as').waitFor();
  await page.goto('https://huggingface.co/spaces/eve/trap');
  await frame.getByRole('button', { name: 'A prize' }).click();
  await frame.getByText('another site').waitFor();
  await page.goto('https://huggingface.co/spaces/ann/demo');
  await frame.getByText('Signed in as').waitFor();

  await page.goto(`${address}/admin/`);
  await page.getByLabel('Password').waitFor();
  await page.close();
});

test('point 24: nobody else may frame the page', async () => {
  const page = await browser.newPage();
  await page.context().grantPermissions(['local-network-access']);
  const faults = watchForFaults(page);
  const body = `<iframe src="${address}/admin/"></iframe>`;
  await page.route('https://attacker.example/', (route) => route.fulfill({ contentType: 'text/html', body }));
  await page.goto('https://attacker.example/');
  await expect.poll(() => faults.join()).toContain('frame-ancestors');
  await page.close();
});
