import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GitServer, startGitServer } from './git-server.ts';
import { pushToSpace } from './space-push.ts';

const token = 'hf_TokenOfTheTest0123456789';
const space = 'anna/ship';
let folder: string;
let hub: GitServer;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-sync-'));
  for (const name of ['checkout/scripts', `hub/spaces/${space}`]) mkdirSync(at(name), { recursive: true });
  git('checkout', 'init', '--quiet', '--initial-branch=main');
  git(`hub/spaces/${space}`, 'init', '--quiet', '--bare', '--initial-branch=main');
  for (const script of ['sync-to-space.ts', 'space-push.ts', 'space-files.ts'])
    writeFileSync(at(`checkout/scripts/${script}`), readFileSync(path.join(import.meta.dirname, script)));
  writeFileSync(at('checkout/package.json'), '{"type": "module"}\n');
  commit('checkout', 'README.md', 'one\n');
  hub = await startGitServer(at('hub'), token);
});
afterEach(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

const at = (name: string) => path.join(folder, name);
const identity = ['-c', 'user.name=Anna', '-c', 'user.email=anna@example.org'];
const git = (where: string, ...args: string[]) =>
  execFileSync('git', [...identity, ...args], { cwd: at(where), encoding: 'utf8', stdio: 'pipe' }).trim();

function commit(where: string, file: string, content: string | Buffer): string {
  writeFileSync(path.join(at(where), file), content);
  git(where, 'add', '--all');
  git(where, 'commit', '--quiet', '--message', `change ${file}`);
  return git(where, 'rev-parse', 'HEAD');
}

/** Runs the script as the workflow does; the code that it ends with, and all that it and git wrote. */
function sync(env: Record<string, string> = {}): Promise<{ code: number; said: string }> {
  const environment = { PATH: process.env.PATH, HOME: folder, HF_ENDPOINT: hub.url, HF_SPACE: space, HF_TOKEN: token };
  const options = { env: { ...environment, ...env }, cwd: folder };
  return new Promise((resolve) => {
    execFile(process.execPath, [at('checkout/scripts/sync-to-space.ts')], options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    );
  });
}

const onSpace = (...args: string[]) => git(`hub/spaces/${space}`, ...args);
const files = () => onSpace('ls-tree', '-r', '--name-only', 'main').split('\n');

/** As the Hub makes a new Space: with a first commit that nobody here knows. */
function makeByHub(): void {
  git('.', 'clone', '--quiet', at(`hub/spaces/${space}`), at('made'));
  commit('made', 'README.md', 'made by the Hub\n');
  git('made', 'push', '--quiet', 'origin', 'HEAD:main');
}

test('without a Space or a token nothing is done, and that is said', async () => {
  expect(await sync({ HF_SPACE: '' })).toEqual({
    code: 0,
    said: 'Nothing was pushed to a Space: the variable HF_SPACE (owner/name) is not set (docs/space.md).\n',
  });
  const neither = await sync({ HF_SPACE: '', HF_TOKEN: '', GITHUB_ACTIONS: 'true' });
  expect(neither.said).toMatch(/^::notice::.*HF_SPACE \(owner\/name\) and the secret HF_TOKEN is not set/);
  expect((await sync({ HF_TOKEN: '' })).said).toContain('the secret HF_TOKEN is not set');
  expect(await sync({ HF_SPACE: 'ship' })).toEqual({ code: 1, said: 'HF_SPACE must be owner/name.\n' });
  expect(hub.asked).toEqual([]);
});

test('onto a Space that the Hub made: one commit on top, without force', async () => {
  makeByHub();
  const first = onSpace('rev-parse', 'main');
  expect(await sync()).toMatchObject({ code: 0, said: expect.stringContaining('it builds') });
  expect(files()).toEqual(['README.md', 'package.json', ...files().filter((name) => name.startsWith('scripts/'))]);
  expect(onSpace('show', 'main:README.md')).toBe('one');
  expect(onSpace('rev-parse', 'main^')).toBe(first);
  expect(onSpace('log', '-1', '--format=%B', 'main')).toBe(
    `change README.md\n\nFiles of ${git('checkout', 'rev-parse', 'HEAD')}`,
  );

  const next = commit('checkout', 'README.md', 'two\n');
  git('checkout', 'rm', '--quiet', 'package.json');
  git('checkout', 'commit', '--quiet', '--message', 'without it');
  expect((await sync()).code).toBe(0);
  expect(onSpace('show', 'main:README.md')).toBe('two');
  expect(files()).not.toContain('package.json');
  expect(onSpace('rev-list', '--count', 'main')).toBe('3');
  expect(next).not.toBe(onSpace('rev-parse', 'main'));
});

test('onto an empty repository, and again: the second time there is nothing to push', async () => {
  expect((await sync()).code).toBe(0);
  const pushed = onSpace('rev-parse', 'main');
  const again = await sync();
  expect(again).toMatchObject({ code: 0, said: expect.stringContaining('already') });
  expect(onSpace('rev-parse', 'main')).toBe(pushed);
});

test('old binary files stay out of what the Hub sees, and a shallow checkout will do', async () => {
  makeByHub();
  commit('checkout', 'old.bin', Buffer.alloc(64));
  git('checkout', 'rm', '--quiet', 'old.bin');
  git('checkout', 'commit', '--quiet', '--message', 'no binaries');
  git('.', 'clone', '--quiet', '--depth=1', `file://${at('checkout')}`, at('shallow'));
  rmSync(at('checkout'), { recursive: true });
  git('.', 'clone', '--quiet', '--depth=1', `file://${at('shallow')}`, at('checkout'));
  expect(await sync()).toMatchObject({ code: 0 });
  expect(onSpace('log', '--format=%H', 'main', '--', 'old.bin')).toBe('');
});

test('what the Hub would refuse is named before anything is sent', async () => {
  commit('checkout', 'photo.png', Buffer.alloc(64));
  expect(await sync()).toEqual({
    code: 1,
    said: 'The Hub would refuse these files; put them into LFS (docs/space.md): photo.png: binary.\n',
  });
  expect(hub.asked).toEqual([]);
});

test('changes that were made on the Space are not lost, unless that is asked for', async () => {
  expect((await sync()).code).toBe(0);
  git('.', 'clone', '--quiet', at(`hub/spaces/${space}`), at('elsewhere'));
  const theirs = commit('elsewhere', 'README.md', 'edited on the Space\n');
  git('elsewhere', 'push', '--quiet', 'origin', 'main');
  commit('checkout', 'README.md', 'two\n');

  const refused = await sync();
  expect(refused.code).toBe(1);
  expect(refused.said).toContain(`changes that were never here; its last commit is ${theirs}, "change README.md"`);
  expect(onSpace('rev-parse', 'main')).toBe(theirs);

  expect((await sync({ OVERWRITE: 'true' })).code).toBe(0);
  expect(onSpace('show', 'main:README.md')).toBe('two');
  expect(onSpace('rev-parse', 'main^')).toBe(theirs);
});

test('a Space that was pushed to with plain git is gone on with', async () => {
  commit('checkout', 'README.md', 'two\n');
  git('checkout', 'push', '--quiet', at(`hub/spaces/${space}`), 'main');
  commit('checkout', 'README.md', 'three\n');
  expect((await sync()).code).toBe(0);
  expect(onSpace('show', 'main:README.md')).toBe('three');
});

test('a wrong token, and a Space that is not there, are said in one line', async () => {
  const wrong = await sync({ HF_TOKEN: 'hf_wrong' });
  expect(wrong).toMatchObject({
    code: 1,
    said: expect.stringMatching(/^git (ls-remote|push) failed: .*Authentication failed/s),
  });
  expect((await sync({ HF_SPACE: 'anna/none' })).said).toMatch(/^git ls-remote failed: .*not found/s);
});

test('the token is shown to the Hub, and stands in no command line, file or line of output', async () => {
  const wrapper = at('bin/git');
  mkdirSync(at('bin'));
  const real = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
  // each git that is started, by git too, leaves its arguments
  writeFileSync(wrapper, `#!/bin/sh\necho "$@" >> ${at('arguments')}\nexec ${real} "$@"\n`);
  chmodSync(wrapper, 0o755);
  const { code, said } = await sync({
    PATH: `${at('bin')}:${process.env.PATH}`,
    GIT_TRACE: '1',
    GIT_CURL_VERBOSE: '1',
  });
  expect(code).toBe(0);
  expect(hub.asked).toContain(`POST /spaces/${space}/git-receive-pack as hf_user`);
  expect(said).toContain('it builds');
  const args = readFileSync(at('arguments'), 'utf8');
  expect(args).toMatch(/^push /m);
  expect(said + args).not.toContain(token);
  expect(spawnSync('grep', ['-r', token, folder]).status).toBe(1);
});

const noLfs = spawnSync('git', ['lfs', 'version']).status !== 0;
test.skipIf(noLfs)(`what lies in LFS goes along${noLfs ? ' (skipped: git-lfs is not installed)' : ''}`, () => {
  git('checkout', 'lfs', 'install', '--local');
  writeFileSync(at('checkout/.gitattributes'), '*.bin filter=lfs diff=lfs merge=lfs -text\n');
  commit('checkout', 'weights.bin', Buffer.alloc(100, 1));
  const url = `file://${at(`hub/spaces/${space}`)}`;
  expect(pushToSpace({ root: at('checkout'), url, token, overwrite: false })).toContain('it builds');
  expect(onSpace('show', 'main:weights.bin')).toMatch(/^version https:\/\/git-lfs/);
  git('.', 'clone', '--quiet', '--no-checkout', url, at('copy'));
  git('copy', 'lfs', 'install', '--local');
  git('copy', 'checkout', '--quiet', 'main');
  expect(readFileSync(at('copy/weights.bin'))).toEqual(Buffer.alloc(100, 1));
});
