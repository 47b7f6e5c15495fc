import { createHash, randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '@slipway/config/load';
import { hasSignInLink } from '@slipway/config/operator';
import { instanceLives } from './claim.ts';

const noteOf = (runDir: string) => path.join(runDir, 'takes-links');

/** Notes in the run directory whether this instance takes links: who asks for one later may have another environment. */
export function noteLinks({ runDir, onSpace, operator }: Pick<Config, 'runDir' | 'onSpace' | 'operator'>): void {
  if (hasSignInLink(onSpace, operator)) writeFileSync(noteOf(runDir), '');
  else rmSync(noteOf(runDir), { force: true });
}

/**
 * Makes a link that signs in whoever follows it first, and ends the one before it. The gateway knows it by the hash of its
 * token, in a file of the private run directory, which it removes (apps/gateway/src/operator/one-time-link.ts).
 */
export function makeSignInLink(file: string, address: string): string {
  const token = randomBytes(32).toString('base64url');
  rmSync(file, { force: true });
  writeFileSync(file, createHash('sha256').update(token).digest('hex'), { mode: 0o600, flag: 'wx' });
  return `${address}/admin/login?token=${token}`;
}

/** Another link for the instance that runs. Throws where none does, or where it takes none, with what to do instead. */
export async function anotherSignInLink(
  { runDir, signInFile, port }: Pick<Config, 'runDir' | 'signInFile' | 'port'>,
  address: string,
): Promise<string> {
  if (!(await instanceLives(runDir)))
    throw new Error(
      `no instance runs on port ${port} of this machine. Start it with: npm start. One on another port: PORT=… npm run sign-in`,
    );
  if (!existsSync(noteOf(runDir)))
    throw new Error(`this instance takes no links, it has a password or sign-in with the Hub: ${address}/admin/`);
  return makeSignInLink(signInFile, address);
}
