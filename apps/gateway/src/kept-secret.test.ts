import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keptSecret } from './kept-secret.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'slipway-secret-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('a secret is made once and is for nobody else to read', () => {
  const file = path.join(dir, 'secret');
  const first = keptSecret(file);
  expect(first).toHaveLength(32);
  expect(keptSecret(file)).toEqual(first);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(keptSecret(path.join(dir, 'other'))).not.toEqual(first);
});
