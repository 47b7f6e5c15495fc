import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '@slipway/config/access';
import { CodedError } from '@slipway/contract/problems';

export const apiKeyHeader = 'X-API-Key';

const howToSend = `Send it as "Authorization: Bearer KEY" or as "${apiKeyHeader}: KEY".`;

export interface Keyring {
  /** No keys are configured: everybody may ask, and nothing that looks like a key is read. */
  readonly open: boolean;
  /** The key that was shown; null where none was, or where the API is open. Throws CodedError `unauthorized`. */
  find(headers: Headers): ApiKey | null;
}

export function createKeyring(apiKeys: ApiKey[] | undefined): Keyring {
  // the Hub's own clients send their token to every server, so an open API must not mind it
  if (apiKeys === undefined) return { open: true, find: () => null };
  const keys = apiKeys.map((apiKey) => ({ apiKey, hash: Buffer.from(apiKey.sha256, 'hex') }));

  function known(key: string): ApiKey | undefined {
    const shown = createHash('sha256').update(key).digest();
    // every key is compared, and each in constant time: how long this takes tells nothing of which was near
    return keys.filter(({ hash }) => timingSafeEqual(hash, shown))[0]?.apiKey;
  }

  return {
    open: false,
    find(headers) {
      const key = shownKey(headers);
      if (key === undefined) return null;
      const found = known(key);
      if (found === undefined) throw new CodedError('unauthorized', `This API key is not known here. ${howToSend}`);
      return found;
    },
  };
}

export function missingKey(): CodedError {
  return new CodedError('unauthorized', `This needs an API key. ${howToSend}`);
}

function shownKey(headers: Headers): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get('Authorization') ?? '')?.[1];
  const own = headers.get(apiKeyHeader) ?? undefined;
  // a private Space wants the Hub's token in Authorization, so beside a key of ours it is not a second one
  if (own !== undefined && bearer !== undefined && bearer !== own && !bearer.startsWith('hf_')) {
    throw new CodedError('unauthorized', `Authorization and ${apiKeyHeader} hold different keys. Send one of them.`);
  }
  return own ?? bearer;
}
