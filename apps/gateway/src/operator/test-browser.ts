import type { Hono } from 'hono';
import type { AppEnv } from '../caller.ts';

/** Asks an app as a browser would: keeps cookies, says whence it comes, and goes on only when told to. */
export function testBrowser(app: { request: Hono<AppEnv>['request'] }, given: Record<string, string> = {}) {
  const jar = new Map<string, string>();
  const host = 'here.example';

  async function ask(path: string, init: RequestInit & { headers?: Record<string, string> } = {}) {
    const headers = {
      Host: host,
      Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
      ...given,
      ...init.headers,
    };
    const answer = await app.request(path, { ...init, headers });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (/Max-Age=0/.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }
  const post = (path: string, form: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    ask(path, { method: 'POST', body: new URLSearchParams(form), headers: { Origin: `http://${host}`, ...headers } });

  return {
    jar,
    ask,
    post,
    signIn: (password: string, headers?: Record<string, string>) => post('/admin/login', { password }, headers),
    cookie: () => [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
  };
}

/** Where an answer sends to. */
export const location = (answer: Response) => answer.headers.get('Location');
