import { createHash } from 'node:crypto';
import { frameAncestors } from '@slipway/config/frame-ancestors';
import { html, raw } from 'hono/html';
import type { Html } from '../reference/schema.ts';
import { style } from '../reference/style.ts';

/** One page of the operator: HTML without scripts or files besides. */
export function frame(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title}</title>
  <style>${raw(style)}</style>
</head>
<body>
${body}
</body>
</html>`;
}

const styleHash = createHash('sha256').update(style).digest('base64');

/**
 * For every page of the operator. On a Space the Hub frames it; elsewhere nobody may. The referrer stays on this host and
 * does not vanish, or browsers would send our own forms with `Origin: null`.
 */
export function pageHeaders(onSpace: boolean): Record<string, string> {
  return {
    'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'self'; frame-ancestors ${frameAncestors(onSpace)}`,
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
}
