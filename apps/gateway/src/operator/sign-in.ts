import { hasSignInLink, type OperatorConfig } from '@slipway/config/operator';
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

/** Wrong passwords, and ways back from the Hub, that one address may show in a minute: people choose passwords. */
const mostGuesses = 10;

interface Begun {
  who: Pick<Session, 'name' | 'role'>;
  cookie: string;
}

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
  // each by itself: who guesses passwords, or an outage of the Hub, must not close the other way. A link needs neither: its
  // token is too long to be guessed
  const passwords = createGuesses(undefined, mostGuesses);
  const callbacks = createGuesses(undefined, mostGuesses);
  const hub = config.oauth && hubSignIn(config.oauth);
  const [host] = config.hosts;
  const hasPassword = config.password !== undefined || config.viewerPassword !== undefined;
  const hasLink = hasSignInLink(onSpace, config);

  function page(c: Context<AppEnv>, next: string, said: { fault?: string; cookieLost?: boolean } = {}) {
    // the cookie that is awaited back must be set where the provider sends people to
    const hubPath = `${host === undefined ? '' : `https://${host}`}/admin/login/hub?next=${encodeURIComponent(next)}`;
    const ways: Ways = { password: hasPassword, hub: hub ? hubPath : null, link: hasLink };
    const isClosed = !hasPassword && !hub && !hasLink;
    return c.html(loginPage({ ways, onSpace, next, ...said }), isClosed ? 403 : said.fault ? 401 : 200);
  }

  const begin = async (c: Context<AppEnv>, who: Begun['who']): Promise<Begun> => ({
    who,
    cookie: await sessions.begin(c.req.raw.headers, who),
  });

  /** Goes on by way of the sign-in page, which sees whether the browser has kept the cookie. */
  function welcome(c: Context<AppEnv>, { who, cookie }: Begun, way: string, next: string) {
    c.header('Set-Cookie', cookie, { append: true });
    log.info({ ...who, way }, 'signed in');
    return c.redirect(`/admin/login?done=1&next=${encodeURIComponent(next)}`, 303);
  }

  function refuse(c: Context<AppEnv>, way: string, next: string, fault: string) {
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
      const next = returnPath(c.req.query('next'));
      const token = c.req.query('token');
      // what only looks ahead must not use the link up
      const looksAhead = c.req.method !== 'GET' || c.req.header('sec-purpose') !== undefined;
      if (token !== undefined && hasLink && !looksAhead) {
        const begun = await begin(c, { name: 'link', role: 'operator' }); // first: with Redis away the link stays good
        if (await useLink(signInFile, token)) return welcome(c, begun, 'link', next);
        return refuse(c, 'link', next, 'This link was used already, or is not the newest one.');
      }
      if (await sessions.find(c.req.raw)) return c.redirect(next, 303);
      return page(c, next, { cookieLost: c.req.query('done') !== undefined });
    })
    .post('/admin/login', async (c) => {
      const { password, next: asked } = await formOf(c);
      const next = returnPath(typeof asked === 'string' ? asked : undefined);
      const address = clientAddress(c.req.raw.headers, onSpace);
      // before the password is looked at, or the answer would tell the right one; and nothing is awaited until it is
      // counted, or many at once would all pass
      passwords.check(address);
      const role = typeof password === 'string' ? roleOfPassword(config, password) : undefined;
      if (role === undefined) {
        passwords.count(address);
        return refuse(c, 'password', next, 'This password is not right.');
      }
      return welcome(c, await begin(c, { name: 'password', role }), 'password', next);
    })
    .get('/admin/login/hub', async (c) => {
      const { url, pending } = await hubOrNone().begin(redirectUri(c));
      const kept = { ...pending, next: returnPath(c.req.query('next')) };
      c.header('Set-Cookie', await sessions.keepPending(c.req.raw.headers, kept));
      return c.redirect(url, 303);
    })
    .get('/login/callback', async (c) => {
      const { headers } = c.req.raw;
      const pending = await sessions.findPending<Pending & { next: string }>(headers);
      if (pending === undefined)
        throw new CodedError('invalid_request', 'This sign-in was not begun in this browser, or took over 10 minutes.');
      const address = clientAddress(headers, onSpace);
      callbacks.check(address); // each costs two requests to the provider, also those that come at once
      callbacks.count(address);
      c.header('Set-Cookie', sessions.dropPending(headers), { append: true });
      const user = await hubOrNone().finish(new URL(c.req.url).search, pending);
      const role = roleOfUser(user, config);
      if (role !== null) return welcome(c, await begin(c, { name: user.name, role }), 'hub', pending.next);
      log.warn({ name: user.name, requestId: c.get('requestId') }, 'a user of the Hub was not let in');
      throw new CodedError('forbidden', `${user.name} is not let in here. Ask who runs this service.`);
    });
}

/** Throws CodedError `invalid_request` for what is no form, and what the limit on bodies throws. */
async function formOf(c: Context<AppEnv>) {
  try {
    return await c.req.parseBody();
  } catch (error) {
    if (error instanceof TypeError) throw new CodedError('invalid_request', 'This form is broken.');
    throw error;
  }
}
