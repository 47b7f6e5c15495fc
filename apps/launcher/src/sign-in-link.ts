import { createHash, randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import type { Config } from '@slipway/config/load';

/** Whether the operator signs in by a link: this is not a Space, whose log others may read, and nothing else is set up. */
export const hasSignInLink = ({ onSpace, operator }: Pick<Config, 'onSpace' | 'operator'>) =>
  !onSpace && operator.password === undefined && operator.oauth === undefined;

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
