// Puts the commit that is checked out here onto a Space: the workflow .github/workflows/sync-to-space.yml calls it, and
// anybody may. It needs git 2.31 or later (GIT_CONFIG_COUNT) and Node 24, and no packages. What is not committed stays here.
//   HF_SPACE=owner/name HF_TOKEN=hf_… node scripts/sync-to-space.ts
// HF_SPACE    the Space. It must exist: creating one costs, so nobody does it by accident.
// HF_TOKEN    a token that may write it. It is never part of a command line.
// OVERWRITE   true: also where the Space holds changes that were never here.
// HF_ENDPOINT another hub; default https://huggingface.co
import path from 'node:path';
import { pushToSpace } from './space-push.ts';

const { HF_SPACE: space, HF_TOKEN: token, OVERWRITE, HF_ENDPOINT } = process.env;
const onGitHub = process.env.GITHUB_ACTIONS === 'true';

if (!space || !token) {
  const missing = [!space && 'the variable HF_SPACE (owner/name)', !token && 'the secret HF_TOKEN'].filter(Boolean);
  const are = `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not set`;
  const fault = `Nothing was pushed to a Space: ${are} (docs/space.md).`;
  if (!onGitHub) stop(fault);
  say('notice', fault); // a fork that has no Space is well
  process.exit(0);
}
if (!/^[\w.-]+\/[\w.-]+$/.test(space)) stop('HF_SPACE must be owner/name.');
try {
  const endpoint = (HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
  const root = path.resolve(import.meta.dirname, '..');
  const url = `${endpoint}/spaces/${space}`;
  say('notice', pushToSpace({ root, url, token, overwrite: OVERWRITE === 'true' }));
} catch (error) {
  stop((error as Error).message);
}

function stop(fault: string): never {
  say('error', fault);
  process.exit(1);
}

/**
 * On GitHub it is shown on the page of the run, where a command ends with its line: so line breaks are written as
 * https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts has them.
 */
function say(kind: 'notice' | 'error', text: string): void {
  const line = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  (kind === 'error' ? console.error : console.log)(onGitHub ? `::${kind}::${line}` : text);
}
