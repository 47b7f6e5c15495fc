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
export function pushToSpace({ root, url, token, overwrite }: SpacePush): string {
  const run = (args: string[], input?: string) => gitAs(root, url, token, args, input);
  const source = run(['rev-parse', 'HEAD']);
  const tree = run(['rev-parse', 'HEAD^{tree}']);

  const refused = refusedFiles(root, tree);
  if (refused.length > 0)
    throw new Error(`The Hub would refuse these files; put them into LFS (docs/space.md): ${refused.join(', ')}.`);

  const tip = run(['ls-remote', url, branch]).split('\t')[0] ?? '';
  if (tip !== '') run(['fetch', '--quiet', '--no-tags', url, `+${branch}:${copy}`]);
  if (tip !== '' && run(['rev-parse', `${tip}^{tree}`]) === tree)
    return `The Space has the files of ${source} already.`;
  if (tip !== '' && !overwrite) refuseToLose(run, tip);

  const parent = tip === '' ? [] : ['-p', tip];
  const commit = run(['commit-tree', tree, ...parent], `${run(['log', '-1', '--format=%s'])}\n\nFiles of ${source}\n`);
  if (holdsLfs(root, tree)) run(['lfs', 'push', url, commit]);
  run(['push', '--quiet', '--no-verify', url, `${commit}:${branch}`]);
  return `The Space has the files of ${source} now, as its commit ${commit}; it builds.`;
}

/** A Space may hold: nothing but the Hub's first commit, or files as they once were here. Else somebody worked there. */
function refuseToLose(run: (args: string[]) => string, tip: string): void {
  if (run(['rev-list', '--count', tip]) === '1') return;
  if (run(['rev-parse', '--is-shallow-repository']) === 'true')
    throw new Error('This checkout is shallow, so it does not know what was here once: git fetch --unshallow.');
  const ours = run(['log', '--format=%T', 'HEAD']).split('\n');
  if (ours.includes(run(['rev-parse', `${tip}^{tree}`]))) return;
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
 * address and no file. Throws an Error with what git said.
 */
function gitAs(root: string, url: string, token: string, args: string[], input?: string): string {
  const settings = {
    'credential.helper': '', // forget the system's: it might ask somebody, or keep the token
    [`credential.${new URL(url).origin}.helper`]:
      '!f() { test "$1" = get && echo username=hf_user && echo "password=$SPACE_TOKEN"; }; f',
  };
  const configured = Object.entries(settings).flatMap(([key, value], n) => [
    [`GIT_CONFIG_KEY_${n}`, key],
    [`GIT_CONFIG_VALUE_${n}`, value],
  ]);
  const env = {
    ...process.env,
    ...Object.fromEntries(configured),
    GIT_CONFIG_COUNT: String(Object.keys(settings).length),
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'sync-to-space',
    GIT_AUTHOR_EMAIL: 'sync-to-space@localhost',
    GIT_COMMITTER_NAME: 'sync-to-space',
    GIT_COMMITTER_EMAIL: 'sync-to-space@localhost',
    SPACE_TOKEN: token,
  };
  const { status, stdout, stderr, error } = spawnSync('git', args, {
    ...{ cwd: root, encoding: 'utf8', env, input },
    maxBuffer: 64 * 1024 ** 2,
  });
  if (status === 0) return stdout.trim();
  const said = `${stderr ?? ''}${error?.message ?? ''}`.trim().replaceAll(token, '…');
  throw new Error(`git ${args[0]} failed: ${said || `code ${status}`}`);
}
