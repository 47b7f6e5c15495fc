import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { neededFiles, secretOrMadeFiles, sourceFiles } from '../tests/service-files.ts';
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
  vi.unstubAllEnvs();
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

/** Puts a program into the folder of the answer, which is to stand first in PATH. */
function program(name: string, script: string): string {
  mkdirSync(at('bin'), { recursive: true });
  writeFileSync(at(`bin/${name}`), `#!/bin/sh\n${script}\n`);
  chmodSync(at(`bin/${name}`), 0o755);
  return at('bin');
}

/** As the Hub makes a new Space: with a first commit that nobody here knows. */
function makeByHub(): void {
  git('.', 'clone', '--quiet', at(`hub/spaces/${space}`), at('made'));
  commit('made', 'README.md', 'made by the Hub\n');
  git('made', 'push', '--quiet', 'origin', 'HEAD:main');
}

test('without a Space or a token nothing is done, and that is said; for a fork on GitHub it is no fault', async () => {
  expect(await sync({ HF_SPACE: '' })).toEqual({
    code: 1,
    said: 'Nothing was pushed to a Space: the variable HF_SPACE (owner/name) is not set (docs/space.md).\n',
  });
  const neither = await sync({ HF_SPACE: '', HF_TOKEN: '', GITHUB_ACTIONS: 'true' });
  expect(neither.said).toMatch(/^::notice::.*HF_SPACE \(owner\/name\) and the secret HF_TOKEN are not set/);
  expect(neither.code).toBe(0);
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

test("a Space of one commit with more than the Hub puts there is somebody's", async () => {
  makeByHub();
  commit('made', 'app.py', 'work\n');
  git('made', 'reset', '--quiet', '--soft', 'HEAD^');
  git('made', 'commit', '--quiet', '--amend', '--message', 'all of it');
  git('made', 'push', '--quiet', '--force', 'origin', 'HEAD:main');
  expect((await sync()).said).toContain('changes that were never here');
  expect(files()).toContain('app.py');
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

test('of a service what the image takes gets onto the Space, and no secret', async () => {
  const ignored = readFileSync(path.resolve(import.meta.dirname, '../.gitignore'));
  for (const file of [...neededFiles, ...sourceFiles, ...secretOrMadeFiles].map((name) => `services/one/${name}`)) {
    mkdirSync(path.dirname(at(`checkout/${file}`)), { recursive: true });
    writeFileSync(at(`checkout/${file}`), 'text');
  }
  writeFileSync(at('checkout/.env.local'), 'HF_TOKEN=hf_x');
  commit('checkout', '.gitignore', ignored);
  expect(await sync()).toMatchObject({ code: 0 });
  const ofService = files().filter((name) => name.startsWith('services/one/'));
  expect(ofService.map((name) => name.slice('services/one/'.length))).toEqual(
    [...neededFiles, ...sourceFiles].toSorted(),
  );
  expect(files()).not.toContain('.env.local');
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

test('a history that does not know what the Space has is named as the fault', async () => {
  const first = git('checkout', 'rev-parse', 'HEAD');
  const second = commit('checkout', 'README.md', 'two\n');
  expect((await sync()).code).toBe(0);
  const fault = `The Space has ${second}, which is not in this history (this is an older commit, or main was rewritten)`;
  git('checkout', 'reset', '--quiet', '--hard', first);
  expect(await sync()).toMatchObject({ code: 1, said: expect.stringContaining(fault) });
  commit('checkout', 'README.md', 'another two\n');
  expect((await sync()).said).toContain(fault);
  expect((await sync({ OVERWRITE: 'true' })).code).toBe(0);
  expect(onSpace('show', 'main:README.md')).toBe('another two');
});

test('what is not committed is not pushed, and that is said', async () => {
  expect((await sync()).said).not.toContain('not committed');
  writeFileSync(at('checkout/new.txt'), 'new\n');
  expect((await sync()).said).toMatch(/already\. What is not committed here was not pushed\.$/m);
  git('checkout', 'rm', '--quiet', 'package.json');
  git('checkout', 'commit', '--quiet', '--message', 'without it');
  expect((await sync()).said).toMatch(/it builds\. What is not committed here was not pushed\.$/m);
  expect(files()).not.toContain('new.txt');
});

test('a Space that was pushed to with plain git is gone on with', async () => {
  commit('checkout', 'README.md', 'two\n');
  git('checkout', 'push', '--quiet', at(`hub/spaces/${space}`), 'main');
  commit('checkout', 'README.md', 'three\n');
  expect((await sync()).code).toBe(0);
  expect(onSpace('show', 'main:README.md')).toBe('three');
});

test('a wrong token, and a Space that is not there, are said with what to look at, on GitHub in one line', async () => {
  const advice =
    '; check HF_TOKEN (write access to this Space) and HF_SPACE; the Space must exist: docs/space.md#push\n';
  const wrong = await sync({ HF_TOKEN: 'hf_wrong' });
  expect(wrong.code).toBe(1);
  expect(wrong.said).toMatch(/^git push failed: .*\n.*Authentication failed/);
  expect(wrong.said.endsWith(advice)).toBe(true);
  const none = await sync({ HF_SPACE: 'anna/none' });
  expect(none.said).toMatch(/^git ls-remote failed: .*not found/s);
  expect(none.said.endsWith(advice)).toBe(true);
  // a workflow command ends with its line
  const onGitHub = await sync({ HF_TOKEN: 'hf_wrong', GITHUB_ACTIONS: 'true' });
  expect(onGitHub.said).toBe(`::error::${wrong.said.trimEnd().replaceAll('\n', '%0A')}\n`);
});

test('what stands in a commit can not write a second workflow command', async () => {
  expect((await sync()).code).toBe(0);
  git('.', 'clone', '--quiet', at(`hub/spaces/${space}`), at('elsewhere'));
  commit('elsewhere', 'README.md', 'edited on the Space\n');
  git('elsewhere', 'commit', '--quiet', '--amend', '--message', '100 %0A::error::of it\r::warning::x');
  git('elsewhere', 'push', '--quiet', 'origin', 'main');
  const { said } = await sync({ GITHUB_ACTIONS: 'true' });
  expect(said).toContain('"100 %250A::error::of it%0D::warning::x"');
  expect(said).toMatch(/^::error::[^\r\n]*\n$/);
});

test('a refused token is noticed before LFS is asked: git-lfs would show it without end', async () => {
  const PATH = `${program('git-lfs', `echo "$@" >> ${at('asked-of-lfs')}`)}:${process.env.PATH}`;
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 9\n`;
  commit('checkout', 'weights.bin', pointer);
  expect((await sync({ PATH, HF_TOKEN: 'hf_wrong' })).said).toMatch(/^git push failed: .*Authentication failed/s);
  expect(existsSync(at('asked-of-lfs'))).toBe(false);
  expect((await sync({ PATH })).code).toBe(0);
  expect(readFileSync(at('asked-of-lfs'), 'utf8')).toBe(
    `push ${hub.url}/spaces/${space} ${onSpace('rev-parse', 'main')}\n`,
  );
});

test('a git that does not end is ended, and the end of what it said is shown', () => {
  const hang = `exec ${process.execPath} -e 'setTimeout(() => process.exit(1), 20000)'`;
  vi.stubEnv('PATH', `${program('git', `yes again | head -c 100000 >&2; ${hang}`)}:${process.env.PATH}`);
  const push = { root: at('checkout'), url: hub.url, token, overwrite: false, minutes: 0.01 };
  expect(() => pushToSpace(push)).toThrow(/^git rev-parse failed: [agin\s]{0,2000}no end after 0.01 minutes$/);
});

test('what is set for git by GIT_CONFIG_COUNT goes on to count, before ours', async () => {
  const set = (key: string, value: string) => ({
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: key,
    GIT_CONFIG_VALUE_0: value,
  });
  expect((await sync(set('credential.helper', '!echo username=x; echo password=hf_wrong; false'))).code).toBe(0);
  expect((await sync(set('http.extraHeader', `Authorization: Basic ${btoa(`theirs:${token}`)}`))).code).toBe(0);
  expect(hub.asked.at(-1)).toMatch(/ as theirs$/);
});

test('the token is shown to the Hub, and stands in no command line, file or line of output', async () => {
  const real = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
  // each git that is started, by git too, leaves its arguments
  const bin = program('git', `echo "$LC_ALL $@" >> ${at('arguments')}\nexec ${real} "$@"`);
  const { code, said } = await sync({ PATH: `${bin}:${process.env.PATH}`, GIT_TRACE: '1', GIT_CURL_VERBOSE: '1' });
  expect(code).toBe(0);
  expect(hub.asked).toContain(`POST /spaces/${space}/git-receive-pack as hf_user`);
  expect(said).toContain('it builds');
  const args = readFileSync(at('arguments'), 'utf8');
  expect(args).toMatch(/^C push /m);
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
