import { spawnSync } from 'node:child_process';
import { refusedFiles } from './space-files.ts';

export interface SpacePush {
  /** The checkout; what is committed there is pushed. */
  root: string;
  /** The Space's repository. */
  url: string;
  token: string;
  /** Also where the Space holds files that were never here. */
  overwrite: boolean;
  /** How long a step of git may take; putting files into LFS six times that. Default 5. */
  minutes?: number;
}

const branch = 'refs/heads/main';
/** Where the Space's history is kept here, out of the way of all branches. */
const copy = 'refs/slipway/space';

/**
 * Puts the files of HEAD onto the Space as one commit on top of what is there, and says what came of it.
 *
 * Not `git push` of our own history: the Hub looks at every commit that is new to it, so a binary file that was removed
 * years ago would have the push refused; a shallow checkout can't be pushed at all; and a Space that the Hub made begins
 * with a commit of its own, so that only force would get past it. One commit on top needs none of that, and the Space's
 * history tells which commit ran when.
 *
 * Throws an Error, without the token in its message, where the Space can't be reached, would refuse a file, or holds
 * changes that were never here.
 */
export function pushToSpace(push: SpacePush): string {
  const { root, url, overwrite } = push;
  const run = (args: string[], input?: string) => gitAs(push, args, input);
  const source = run(['rev-parse', 'HEAD']);
  const tree = run(['rev-parse', 'HEAD^{tree}']);

  const rest = run(['status', '--porcelain']) === '' ? '' : ' What is not committed here was not pushed.';
  const refused = refusedFiles(root, tree);
  if (refused.length > 0)
    throw new Error(`The Hub would refuse these files; put them into LFS (docs/space.md): ${refused.join(', ')}.`);

  const tip = run(['ls-remote', url, branch]).split('\t')[0] ?? '';
  if (tip !== '') run(['fetch', '--quiet', '--no-tags', url, `+${branch}:${copy}`]);
  if (tip !== '' && run(['rev-parse', `${tip}^{tree}`]) === tree)
    return `The Space has the files of ${source} already.${rest}`;
  if (tip !== '' && !overwrite) refuseToLose(run, tip);

  const parent = tip === '' ? [] : ['-p', tip];
  const commit = run(['commit-tree', tree, ...parent], `${run(['log', '-1', '--format=%s'])}\n\nFiles of ${source}\n`);
  const toSpace = ['--quiet', '--no-verify', url, `${commit}:${branch}`];
  if (holdsLfs(root, tree)) {
    run(['push', '--dry-run', ...toSpace]); // git-lfs shows a token that is refused again and again, without end
    run(['lfs', 'push', url, commit]);
  }
  run(['push', ...toSpace]);
  return `The Space has the files of ${source} now, as its commit ${commit}; it builds.${rest}`;
}

/**
 * A Space may hold: nothing but the Hub's first commit (a card, and what goes into LFS), or files as they once were here.
 * Else somebody worked there.
 */
function refuseToLose(run: (args: string[]) => string, tip: string): void {
  const held = run(['ls-tree', '-r', '--name-only', tip]).split('\n');
  const byHub = held.every((name) => ['README.md', '.gitattributes'].includes(name));
  if (byHub && run(['rev-list', '--count', tip]) === '1') return;
  if (run(['rev-parse', '--is-shallow-repository']) === 'true')
    throw new Error('This checkout is shallow, so it does not know what was here once: git fetch --unshallow.');
  const ours = run(['log', '--format=%H%n%T', 'HEAD']).split('\n');
  if (ours.includes(run(['rev-parse', `${tip}^{tree}`]))) return;
  const [, pushed] = /^Files of ([0-9a-f]{40,64})$/m.exec(run(['log', '-1', '--format=%B', tip])) ?? [];
  if (pushed && !ours.includes(pushed))
    throw new Error(
      `The Space has ${pushed}, which is not in this history (this is an older commit, or main was rewritten). ` +
        'To replace it all the same, run this again with OVERWRITE=true.',
    );
  throw new Error(
    `The Space holds changes that were never here; its last commit is ${tip}, "${run(['log', '-1', '--format=%s', tip])}". ` +
      'Take them over (git fetch, then git diff, as docs/space.md says), or run this again with OVERWRITE=true.',
  );
}

/** Whether the tree has a file whose content lies in LFS. */
function holdsLfs(root: string, tree: string): boolean {
  const args = ['grep', '--quiet', '-I', '^version https://git-lfs.github.com/spec/v1$', tree];
  return spawnSync('git', args, { cwd: root }).status === 0;
}

/**
 * Runs git with a credential helper that reads the token from the environment, so that it stands in no command line, no
 * address and no file. Throws an Error with the end of what git said.
 */
function gitAs({ root, url, token, minutes = 5 }: SpacePush, args: string[], input?: string): string {
  const settings = {
    'credential.helper': '', // forget the system's: it might ask somebody, or keep the token
    [`credential.${new URL(url).origin}.helper`]:
      '!f() { test "$1" = get && echo username=hf_user && echo "password=$SPACE_TOKEN"; }; f',
  };
  const theirs = Number(process.env.GIT_CONFIG_COUNT || 0); // ours come after them
  const configured = Object.entries(settings).flatMap(([key, value], n) => [
    [`GIT_CONFIG_KEY_${theirs + n}`, key],
    [`GIT_CONFIG_VALUE_${theirs + n}`, value],
  ]);
  const env = {
    ...process.env,
    ...Object.fromEntries(configured),
    GIT_CONFIG_COUNT: String(theirs + configured.length / 2),
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C', // advice() reads English
    GIT_AUTHOR_NAME: 'sync-to-space',
    GIT_AUTHOR_EMAIL: 'sync-to-space@localhost',
    GIT_COMMITTER_NAME: 'sync-to-space',
    GIT_COMMITTER_EMAIL: 'sync-to-space@localhost',
    SPACE_TOKEN: token,
  };
  const limit = args[0] === 'lfs' ? 6 * minutes : minutes;
  const { status, stdout, stderr, error } = spawnSync('git', args, {
    ...{ cwd: root, encoding: 'utf8', env, input },
    ...{ maxBuffer: 64 * 1024 ** 2, timeout: limit * 60_000 },
  });
  if (status === 0) return stdout.trim();
  const late = (error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT';
  const reason = late ? `no end after ${limit} minutes` : (error?.message ?? '');
  const said = `${stderr ?? ''}${reason}`.trim().replaceAll(token, '…').slice(-2000);
  throw new Error(`git ${args[0]} failed: ${said || `code ${status}`}${advice(said)}`);
}

function advice(said: string): string {
  if (!/Authentication failed|repository .* not found|error: 40[13]/.test(said)) return '';
  return '; check HF_TOKEN (write access to this Space) and HF_SPACE; the Space must exist: docs/space.md#push';
}
