import { createHmac, timingSafeEqual } from 'node:crypto';

/** How long an address of a stream can be opened, in seconds. A client opens it at once. */
const lifetimeSeconds = 15 * 60;

/**
 * A token for one job's stream: what opens it sends no key. Says whose the job is and until when it holds; the HMAC is
 * over the job's id too. `now` in milliseconds since 1970.
 */
export function signStream(secret: Uint8Array, id: string, owner: string | null, now: number): string {
  const claims = [Math.floor(now / 1000) + lifetimeSeconds, owner];
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${payload}.${macOf(secret, id, payload).toString('base64url')}`;
}

/** Whose job the token opens; undefined where it is not ours, another job's or too old. */
export function readStreamToken(
  secret: Uint8Array,
  id: string,
  token: string,
  now: number,
): { owner: string | null } | undefined {
  const [payload = '', mac = ''] = token.split('.');
  const [given, expected] = [Buffer.from(mac, 'base64url'), macOf(secret, id, payload)];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const [until, owner] = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return now / 1000 < until ? { owner } : undefined;
}

/** The first word keeps these apart from whatever else the secret may sign one day. */
function macOf(secret: Uint8Array, id: string, payload: string): Buffer {
  return createHmac('sha256', secret).update(`stream\n${id}\n${payload}`).digest();
}
