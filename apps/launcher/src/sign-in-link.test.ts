import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '@slipway/config/load';
import { expect, onTestFinished, test } from 'vitest';
import { claimRunDir } from './claim.ts';
import { anotherSignInLink, makeSignInLink, noteLinks } from './sign-in-link.ts';

const address = 'http://localhost:7860';

function folder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-link-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

test('another link is for an instance that lives and takes links, whatever the environment of who asks', async () => {
  const own = loadConfig({});
  const open = { ...own, runDir: folder(), signInFile: path.join(folder(), 'sign-in') };
  const closed = { ...open, operator: loadConfig({ ADMIN_PASSWORD: 'correct horse battery' }).operator };
  const noted = () => existsSync(open.signInFile);
  noteLinks(open); // left by one that is gone
  await expect(anotherSignInLink(open, address)).rejects.toThrow(/no instance runs on port 7860.*npm start/);
  await claimRunDir(open.runDir, open.port);
  noteLinks(closed);
  await expect(anotherSignInLink(open, address)).rejects.toThrow(`${address}/admin/`);
  expect(noted()).toBe(false);
  noteLinks(open);
  expect(await anotherSignInLink(closed, address)).toContain(`${address}/admin/login?token=`);
  expect(noted()).toBe(true);
});

test('the file holds the hash of the newest token, for this user alone', () => {
  const dir = folder();
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
