import { createHash, timingSafeEqual } from 'node:crypto';
import type { OperatorConfig } from '@slipway/config/operator';
import type { OperatorRole } from '@slipway/contract/admin';

/** The role that a password gives; undefined for a wrong one. Both are compared, each in constant time. */
export function roleOfPassword(
  { password, viewerPassword }: Pick<OperatorConfig, 'password' | 'viewerPassword'>,
  given: string,
): OperatorRole | undefined {
  const operator = isSame(password, given);
  const viewer = isSame(viewerPassword, given);
  if (operator) return 'operator';
  return viewer ? 'viewer' : undefined;
}

/** By their hashes, which have the same length whatever is hashed. */
function isSame(kept: string | undefined, given: string): boolean {
  const same = timingSafeEqual(hash(kept ?? ''), hash(given));
  return kept !== undefined && same;
}

const hash = (text: string) => createHash('sha256').update(text).digest();
