import { createHash } from 'node:crypto';
import type { z } from 'zod';

/** A key, by its hash alone: what is not held can't be shown by mistake. */
export interface ApiKey {
  /** Whose jobs are made with it. */
  name: string;
  /** SHA-256 of the key, in hex. */
  sha256: string;
}

export interface RateLimit {
  requests: number;
  seconds: number;
}

type Context = z.RefinementCtx;

/** `name:key` or `name:sha256:<hex>`, comma-separated. */
export function parseApiKeys(text: string, context: Context): ApiKey[] {
  const keys = split(text).map((entry) => {
    const [, name, key = ''] = /^([\w.-]{1,64}):(.+)$/.exec(entry) ?? [];
    if (name === undefined) return fault(context, 'must be name:key or name:sha256:<hash>, comma-separated');
    const [, hash] = /^sha256:([0-9a-f]{64})$/i.exec(key) ?? [];
    if (hash === undefined && /^sha256:/i.test(key))
      return fault(context, 'has a hash that is not sha256: and 64 hexadecimal digits'); // or it would become the key
    if (hash === undefined && /(^|:)[0-9a-f]{64}$/i.test(key))
      return fault(context, 'has what looks like a hash: write name:sha256:<hash>'); // the same
    if (hash === undefined && key.length < 16) return fault(context, 'has a key of less than 16 characters');
    if (!/^[\x21-\x7e]+$/.test(key)) return fault(context, 'has a key with blanks or letters beyond ASCII'); // can't be sent
    return { name, sha256: hash?.toLowerCase() ?? createHash('sha256').update(key).digest('hex') };
  });
  const known = keys.filter((key) => key !== undefined);
  if (known.length === 0 && keys.length === 0) fault(context, 'must name at least one key');
  return known;
}

const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3_600 };

/** Null where it is turned off. */
export function parseRateLimit(text: string, context: Context): RateLimit | null {
  if (text === 'off') return null;
  const [, requests, length, unit = ''] = /^(\d{1,6})\/(\d{1,4})?([smh])$/.exec(text) ?? [];
  const limit = { requests: Number(requests), seconds: Number(length ?? 1) * (unitSeconds[unit] ?? 0) };
  if (limit.requests > 0 && limit.seconds > 0) return limit;
  fault(context, 'must be like 60/1m (s, m or h), or off');
  return null;
}

/** Origins as browsers send them: lower case, and no port where it is the usual one. */
export function parseOrigins(text: string, context: Context): string[] | '*' {
  if (text.trim() === '*') return '*';
  const all = split(text);
  const isOrigin = (entry: string) => /^https?:\/\/[^*]+$/i.test(entry) && URL.parse(entry)?.origin === entry;
  if (all.length > 0 && all.every(isOrigin)) return all;
  fault(context, 'must be origins as https://app.example, without a path, comma-separated, or *');
  return [];
}

export function parseList(text: string, context: Context, pattern: RegExp, message: string): string[] {
  const all = split(text);
  if (all.length === 0 || !all.every((entry) => pattern.test(entry))) fault(context, `${message}, comma-separated`);
  return all;
}

const split = (text: string) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

function fault(context: Context, message: string): undefined {
  context.addIssue({ code: 'custom', message });
}
