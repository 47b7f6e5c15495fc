import { createHmac, timingSafeEqual } from 'node:crypto';

/** A sealed value is good until then, in ms since 1970. */
export interface Expiring {
  expires: number;
}

/**
 * Writes a value as text that can't be changed, though it can be read: base64url of the JSON, a point, and its
 * HMAC-SHA256. The purpose is signed too, so that what was sealed for one is nothing for another.
 */
export function seal(key: Buffer, purpose: string, value: Expiring): string {
  const text = Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${text}.${signature(key, purpose, text).toString('base64url')}`;
}

/** The value, as `seal` was given it; undefined for what we did not seal for this purpose, or what has expired. */
export function unseal<T extends Expiring>(key: Buffer, purpose: string, sealed: string, now: number): T | undefined {
  const [, text = '', shown = ''] = /^([\w-]+)\.([\w-]{43})$/.exec(sealed) ?? [];
  if (!timingSafeEqual(signature(key, purpose, text), bytes(shown))) return undefined;
  const value = JSON.parse(Buffer.from(text, 'base64url').toString()) as T;
  return value.expires > now ? value : undefined;
}

const signature = (key: Buffer, purpose: string, text: string) =>
  createHmac('sha256', key).update(`${purpose}.${text}`).digest();

/** As many bytes as a signature has, whatever was shown. */
const bytes = (shown: string) => Buffer.concat([Buffer.from(shown, 'base64url'), Buffer.alloc(32)]).subarray(0, 32);
