import type { OperatorConfig } from '@slipway/config/operator';
import { CodedError } from '@slipway/contract/problems';
import type { Log } from '@slipway/runtime/log';
import { type Context, Hono } from 'hono';
import { clientAddress } from '../access/address.ts';
import { createGuesses } from '../access/guesses.ts';
import type { AppEnv } from '../caller.ts';
import { forwardedProto } from './cookies.ts';
import { roleOfUser } from './gate.ts';
import { hubSignIn, type Pending } from './hub.ts';
import { loginPage, type Ways } from './login-page.ts';
import { useLink } from './one-time-link.ts';
import { roleOfPassword } from './passwords.ts';
import { returnPath } from './return-path.ts';
import type { Session, Sessions } from './sessions.ts';

/** Wrong passwords, links and callbacks that one address may show in a minute: people choose passwords. */
const mostGuesses = 10;

export interface SignInDeps {
  config: OperatorConfig;
  onSpace: boolean;
  /** Holds the hash of the one-time link's token. */
  signInFile: string;
  sessions: Sessions;
  log: Log;
}

/** Signing in: a page with the ways that there are, a form, a link, and the way over the Hub and back. */
export function signInPages({ config, onSpace, signInFile, sessions, log }: SignInDeps): Hono<AppEnv> {
  const guesses = createGuesses(undefined, mostGuesses);
  const hub = config.oauth && hubSignIn(config.oauth);
  const [host] = config.hosts;
  const hasPassword = config.password !== undefined || config.viewerPassword !== undefined;
  const hasLink = !onSpace && config.password === undefined && hub === undefined;

  function page(c: Context<AppEnv>, next: string, said: { fault?: string; cookieLost?: boolean } = {}) {
    // the cookie that is awaited back must be set where the provider sends people to
    const hubPath = `${host === undefined ? '' : `https://${host}`}/admin/login/hub?next=${encodeURIComponent(next)}`;
    const ways: Ways = { password: hasPassword, hub: hub ? hubPath : null, link: hasLink };
    const isClosed = !hasPassword && !hub && !hasLink;
    return c.html(loginPage({ ways, onSpace, next, ...said }), isClosed ? 403 : said.fault ? 401 : 200);
  }

  /** Goes on by way of the sign-in page, which sees whether the browser has kept the cookie. */
  async function welcome(c: Context<AppEnv>, who: Pick<Session, 'name' | 'role'>, way: string, next: string) {
    c.header('Set-Cookie', await sessions.begin(c.req.raw.headers, who), { append: true });
    log.info({ ...who, way }, 'signed in');
    return c.redirect(`/admin/login?done=1&next=${encodeURIComponent(next)}`, 303);
  }

  function refuse(c: Context<AppEnv>, address: string, way: string, next: string, fault: string) {
    guesses.count(address);
    log.warn({ way, requestId: c.get('requestId') }, 'a wrong sign-in');
    return page(c, next, { fault });
  }

  const redirectUri = (c: Context<AppEnv>) => {
    const origin =
      host === undefined ? `${forwardedProto(c.req.raw.headers)}://${c.req.header('host')}` : `https://${host}`;
    return `${origin}/login/callback`;
  };

  function hubOrNone() {
    if (hub === undefined) throw new CodedError('not_found', 'Sign-in with Hugging Face is not set up here.');
    return hub;
  }

  return new Hono<AppEnv>()
    .get('/admin/login', async (c) => {
      const { headers } = c.req.raw;
      const next = returnPath(c.req.query('next'));
      const token = c.req.query('token');
      // what only looks ahead must not use the link up
      const looksAhead = c.req.method !== 'GET' || c.req.header('sec-purpose') !== undefined;
      if (token !== undefined && hasLink && !looksAhead) {
        const address = clientAddress(headers, onSpace);
        guesses.check(address);
        if (await useLink(signInFile, token)) return welcome(c, { name: 'link', role: 'operator' }, 'link', next);
        return refuse(c, address, 'link', next, 'This link was used already, or is not the newest one.');
      }
      if (await sessions.find(headers)) return c.redirect(next, 303);
      return page(c, next, { cookieLost: c.req.query('done') !== undefined });
    })
    .post('/admin/login', async (c) => {
      const { password, next: asked } = await c.req.parseBody();
      const next = returnPath(typeof asked === 'string' ? asked : undefined);
      const address = clientAddress(c.req.raw.headers, onSpace);
      guesses.check(address); // before the password is looked at, or the answer would tell the right one
      const role = typeof password === 'string' ? roleOfPassword(config, password) : undefined;
      if (role === undefined) return refuse(c, address, 'password', next, 'This password is not right.');
      return welcome(c, { name: 'password', role }, 'password', next);
    })
    .get('/admin/login/hub', async (c) => {
      const { url, pending } = await hubOrNone().begin(redirectUri(c));
      const kept = { ...pending, next: returnPath(c.req.query('next')) };
      c.header('Set-Cookie', await sessions.keepPending(c.req.raw.headers, kept));
      return c.redirect(url, 303);
    })
    .get('/login/callback', async (c) => {
      const { headers } = c.req.raw;
      const address = clientAddress(headers, onSpace);
      guesses.check(address); // each costs two requests to the provider
      const pending = await sessions.findPending<Pending & { next: string }>(headers);
      if (pending === undefined)
        throw new CodedError('invalid_request', 'This sign-in was not begun in this browser, or took over 10 minutes.');
      c.header('Set-Cookie', sessions.dropPending(headers), { append: true });
      const user = await hubOrNone()
        .finish(new URL(c.req.url).search, pending)
        .catch((error: unknown) => {
          guesses.count(address);
          throw error;
        });
      const role = roleOfUser(user, config);
      if (role !== null) return welcome(c, { name: user.name, role }, 'hub', pending.next);
      log.warn({ name: user.name, requestId: c.get('requestId') }, 'a user of the Hub was not let in');
      throw new CodedError('forbidden', `${user.name} is not let in here. Ask who runs this service.`);
    });
}
