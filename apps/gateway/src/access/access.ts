import type { ApiKey } from '@slipway/config/access';
import { CodedError } from '@slipway/contract/problems';
import type { MiddlewareHandler } from 'hono';
import type { AppEnv, Caller } from '../caller.ts';
import { clientAddress } from './address.ts';
import { createGuesses, type Guesses } from './guesses.ts';
import { type Keyring, missingKey } from './keys.ts';
import { tellRefusal } from './limits.ts';

export interface AccessOptions {
  keyring: Keyring;
  /** Whether the platform's proxy stands before nginx (address.ts). */
  onSpace: boolean;
  guesses?: Guesses;
}

/**
 * Tells who asks, from the headers. Where keys are configured a right one is needed: throws CodedError `unauthorized`, or
 * `rate_limited` after too many wrong ones.
 */
export function identifier({ keyring, onSpace, guesses = createGuesses() }: AccessOptions) {
  /** Above the limit the answer is one and the same for wrong keys and for right ones that never came from there. */
  function find(headers: Headers, address: string): ApiKey | null {
    let key: ApiKey | null;
    try {
      key = keyring.find(headers);
    } catch (error) {
      guesses.check(address);
      guesses.count(address);
      throw error;
    }
    guesses.check(address, key?.sha256);
    return key;
  }

  return (headers: Headers): Caller => {
    const address = clientAddress(headers, onSpace);
    if (keyring.open) return { owner: null, client: `address:${address}` };
    const key = find(headers, address);
    if (key === null) throw missingKey();
    guesses.trust(address, key.sha256);
    return { owner: key.name, client: `key:${key.name}` };
  };
}

/**
 * Finds out who asks and leaves it on the context as `caller`. Where keys are configured a right one is needed: throws
 * CodedError `unauthorized`, or `rate_limited` after too many wrong ones. One instance serves all routers, so that wrong
 * keys are counted together. A router that has an error shape of its own must `use` it itself: what is thrown outside of
 * that router never reaches its `onError`.
 */
export function access(options: AccessOptions): MiddlewareHandler<AppEnv> {
  const identify = identifier(options);
  return async (c, next) => {
    try {
      c.set('caller', identify(c.req.raw.headers));
    } catch (error) {
      c.header('WWW-Authenticate', 'Bearer'); // stays on the context, and so on what onError answers by c.json or c.body
      tellRefusal(c, error);
      throw error;
    }
    await next();
  };
}

/**
 * What tells of the house and not of the caller's own jobs: for whoever has a key; where there are none for everybody off
 * a Space, and for nobody on one, for that is public. Throws CodedError `key_required`.
 */
export function houseAccess(access: MiddlewareHandler<AppEnv>, isPublic: boolean): MiddlewareHandler<AppEnv> {
  if (!isPublic) return access;
  return async () => {
    throw new CodedError('key_required', 'On a Space this is shown to keys only. Set API_KEYS.');
  };
}
