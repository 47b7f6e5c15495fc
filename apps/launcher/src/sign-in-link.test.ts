import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '@slipway/config/load';
import { expect, onTestFinished, test } from 'vitest';
import { hasSignInLink, makeSignInLink } from './sign-in-link.ts';

test.each([
  [true, {}],
  [true, { ADMIN_VIEWER_PASSWORD: 'only to look around' }],
  [false, { ADMIN_PASSWORD: 'correct horse battery' }],
  [false, { OAUTH_CLIENT_ID: 'id', OAUTH_CLIENT_SECRET: 'secret' }],
  [false, { SPACE_ID: 'ann/demo' }],
])('a link: %s, with %j', (expected, environment) => {
  expect(hasSignInLink(loadConfig(environment as Record<string, string>))).toBe(expected);
});

test('the file holds the hash of the newest token, for this user alone', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-link-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = path.join(dir, 'sign-in');
  const first = makeSignInLink(file, 'http://localhost:7860');
  const link = new URL(makeSignInLink(file, 'http://localhost:7860'));
  expect(link.href).not.toBe(first);
  expect(link.origin + link.pathname).toBe('http://localhost:7860/admin/login');
  const token = link.searchParams.get('token') ?? '';
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(readFileSync(file, 'utf8')).toBe(createHash('sha256').update(token).digest('hex'));
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
