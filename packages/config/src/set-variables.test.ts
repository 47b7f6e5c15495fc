import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { setVariables, unreadNames } from './set-variables.ts';

test('names those of ours that are set, and shows no value', () => {
  const environment = { HF_TOKEN: 'hf_secret', PORT: '7861', REDIS_URL: '', PATH: '/bin' };
  expect(setVariables(environment)).toEqual(['PORT', 'HF_TOKEN']);
});

test('names what an .env file sets and nothing reads', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-env-'));
  try {
    const file = path.join(folder, '.env');
    expect(unreadNames(file, [])).toEqual([]);
    writeFileSync(file, 'PORT=1\n#JOB_TLL=1\nRATE_LIMT=off\nTZ=UTC\nHTTPS_PROXY=\nMY_KEY="a\nb"\nSLIPWAY_URL=x\n');
    expect(unreadNames(file, [])).toEqual(['MY_KEY', 'RATE_LIMT']);
    expect(unreadNames(file, ['MY_KEY'])).toEqual(['RATE_LIMT']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
