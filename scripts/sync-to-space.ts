// Puts the commit that is checked out here onto a Space: the workflow .github/workflows/sync-to-space.yml calls it, and
// anybody may. It needs git and Node 24, and no packages.
//   HF_SPACE=owner/name HF_TOKEN=hf_… node scripts/sync-to-space.ts
// HF_SPACE    the Space. It must exist: creating one costs, so nobody does it by accident.
// HF_TOKEN    a token that may write it. It is never part of a command line.
// OVERWRITE   true: also where the Space holds changes that were never here.
// HF_ENDPOINT another hub; default https://huggingface.co
import path from 'node:path';
import { pushToSpace } from './space-push.ts';

const { HF_SPACE: space, HF_TOKEN: token, OVERWRITE, HF_ENDPOINT } = process.env;
const missing = [!space && 'the variable HF_SPACE (owner/name)', !token && 'the secret HF_TOKEN'].filter(Boolean);

if (!space || !token) {
  console.log(`${prefix('notice')}Nothing was pushed to a Space: ${missing.join(' and ')} is not set (docs/space.md).`);
  process.exit(0);
}
if (!/^[\w.-]+\/[\w.-]+$/.test(space)) stop('HF_SPACE must be owner/name.');
try {
  const endpoint = (HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
  const root = path.resolve(import.meta.dirname, '..');
  const url = `${endpoint}/spaces/${space}`;
  console.log(`${prefix('notice')}${pushToSpace({ root, url, token, overwrite: OVERWRITE === 'true' })}`);
} catch (error) {
  stop((error as Error).message);
}

function stop(fault: string): never {
  console.error(`${prefix('error')}${fault}`);
  process.exit(1);
}

/** On GitHub such a line is shown on the page of the run. */
function prefix(kind: 'notice' | 'error'): string {
  return process.env.GITHUB_ACTIONS === 'true' ? `::${kind}::` : '';
}
