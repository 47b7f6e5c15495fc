import { createHash } from 'node:crypto';
import { openapiDocument } from '@slipway/contract/openapi/document';
import { requestProblems } from '@slipway/contract/openapi/request-problems';
import { CodedError, problemCodes } from '@slipway/contract/problems';
import { expect, test } from 'vitest';
import { toProblem } from '../problem.ts';
import { openapiRoutes } from './openapi.ts';

const get = (path: string) => Promise.resolve(openapiRoutes().request(path));

test('the document is served as it is assembled', async () => {
  const answer = await get('/openapi.json');
  expect(answer.headers.get('Content-Type')).toBe('application/json');
  expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(openapiDocument())));
});

test('the page tells every call and every schema, and its links lead somewhere', async () => {
  const answer = await get('/docs');
  expect(answer.headers.get('Content-Type')).toMatch('text/html');
  const page = await answer.text();
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  const { paths, components } = openapiDocument();
  for (const item of Object.values(paths))
    for (const { operationId } of Object.values(item)) expect(ids).toContain(operationId);
  for (const name of Object.keys(components.schemas)) expect(ids).toContain(`schema-${name}`);
  const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter((id) => !ids.includes(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the page runs and fetches nothing, and its style is the one that its policy allows', async () => {
  const answer = await get('/docs');
  const page = await answer.text();
  expect(page).not.toMatch(/<script|<link|<img|<iframe|src=|@import|url\(|\son\w+=|\sstyle=/i);
  const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  expect(answer.headers.get('Content-Security-Policy')).toContain(`style-src 'sha256-${hash}'`);
});

test('the page shows nothing that is not a value', async () => {
  expect(await (await get('/docs')).text()).not.toMatch(/undefined|\[object|>false<|>null</);
});

test('a call can be copied into a shell', async () => {
  const page = await (await get('/docs')).text();
  expect(page).toContain('curl &quot;$URL/api/v1/jobs&quot;');
  expect(page).toContain('curl -X POST &quot;$URL/api/v1/jobs/summarize_');
  expect(page).toContain('-F &#39;task=summarize&#39; \\\n  -F &#39;file=@report.pdf&#39;');
});

test('the document and the answers give each code the same status and title', () => {
  const answered = problemCodes
    .filter((code) => code in requestProblems)
    .map((code) => [code, toProblem(new CodedError(code, ''), 'r-1')] as const);
  expect(Object.fromEntries(answered.map(([code, { status, title }]) => [code, { status, title }]))).toEqual(
    requestProblems,
  );
});
