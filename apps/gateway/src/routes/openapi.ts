import { createHash } from 'node:crypto';
import { openapiDocument } from '@slipway/contract/openapi/document';
import { Hono } from 'hono';
import { referencePage } from '../reference/page.ts';
import { style } from '../reference/style.ts';

/** The page holds its style and nothing else that a browser would run or fetch. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;

/** `GET /openapi.json`, and `GET /docs`: the same for people. Both are made once, from the contract. */
export function openapiRoutes(): Hono {
  const document = openapiDocument();
  const json = JSON.stringify(document);
  const page = referencePage(document);
  return new Hono()
    .get('/openapi.json', (c) => c.body(json, 200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' }))
    .get('/docs', async (c) =>
      c.html(await page, 200, { 'Cache-Control': 'no-cache', 'Content-Security-Policy': policy }),
    );
}
