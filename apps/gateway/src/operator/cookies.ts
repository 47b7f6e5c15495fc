import type { CookieOptions } from 'hono/utils/cookie';
import { parse, serialize } from 'hono/utils/cookie';

export interface Cookies {
  /** What the browser sent under this name. */
  read(headers: Headers, name: string): string | undefined;
  /** The `Set-Cookie` that keeps a value for so many seconds. 0 takes it away. */
  write(headers: Headers, name: string, value: string, maxAge: number): string;
}

/**
 * Cookies that no script can read. On a Space the page is framed by the Hub, where a cookie is a third party's:
 * `SameSite=None; Secure; Partitioned`. Elsewhere `Lax`, and over HTTPS with the prefix `__Host-`, which no other host
 * can set. Over plain HTTP the port is in the name, because a browser gives all ports of a machine the same cookies.
 */
export function operatorCookies({ onSpace, port }: { onSpace: boolean; port: number }): Cookies {
  const isSecure = (headers: Headers) => onSpace || forwardedProto(headers) === 'https';
  const nameOf = (headers: Headers, name: string) =>
    isSecure(headers) ? `__Host-slipway-${name}` : `slipway-${name}-${port}`;

  function options(headers: Headers): CookieOptions {
    const all = { path: '/', httpOnly: true } as const;
    if (onSpace) return { ...all, secure: true, sameSite: 'None', partitioned: true };
    return { ...all, secure: isSecure(headers), sameSite: 'Lax' };
  }

  return {
    read(headers, name) {
      const full = nameOf(headers, name);
      return parse(headers.get('Cookie') ?? '', full)[full];
    },
    write: (headers, name, value, maxAge) =>
      serialize(nameOf(headers, name), value, { ...options(headers), maxAge } as CookieOptions),
  };
}

/** What the caller came by, as the outermost proxy says; without one there is no TLS. */
export function forwardedProto(headers: Headers): 'http' | 'https' {
  return /^https\b/i.test(headers.get('X-Forwarded-Proto') ?? '') ? 'https' : 'http';
}
