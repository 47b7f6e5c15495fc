import type { OperatorConfig } from '@slipway/config/operator';
import type { OperatorRole } from '@slipway/contract/admin';
import { CodedError } from '@slipway/contract/problems';
import { endOperators, type OperatorTimes, operatorTimes } from '@slipway/queue/operator';
import type { Queues } from '@slipway/queue/queues';
import type { Log } from '@slipway/runtime/log';
import type { Cookies } from './cookies.ts';
import { type Asked, isForeign } from './foreign.ts';
import { sessionKey } from './key.ts';
import { seal, unseal } from './sealed.ts';

/** Eight hours: a day at work, and as long as the Hub's own sign-in lasts by default. */
const lifeSeconds = 8 * 3_600;
/** How long a person may take on the provider's pages. */
const pendingSeconds = 600;

export interface Session {
  name: string;
  role: OperatorRole;
  /** When it was begun, in ms since 1970 by Redis' clock. */
  since: number;
  /** In ms since 1970. */
  expires: number;
}

/** Each that gives a string gives a `Set-Cookie`. What needs Redis throws CodedError `queue_unavailable` without it. */
export interface Sessions {
  /** The session that a request belongs to; null for none, or where a page of another site makes the browser ask. */
  find(asked: Asked): Promise<Session | null>;
  begin(headers: Headers, who: Pick<Session, 'name' | 'role'>): Promise<string>;
  end(headers: Headers): string;
  /** Ends all of them, because whoever has this one wants it. */
  endAll(by: Pick<Session, 'name'>): Promise<void>;
  /** Keeps something in the browser while its person is at the provider. */
  keepPending(headers: Headers, value: object): Promise<string>;
  findPending<T extends object>(headers: Headers): Promise<T | undefined>;
  dropPending(headers: Headers): string;
}

export interface SessionsOptions {
  config: OperatorConfig;
  queues: Queues;
  cookies: Cookies;
  log: Log;
}

/** Sessions live in a signed cookie; Redis knows only up to when all were ended. */
export function openSessions({ config, queues, cookies, log }: SessionsOptions): Sessions {
  const key = sessionKey(config, queues);
  let last: OperatorTimes | undefined;

  /** With Redis away, the last that were seen: who is signed in is to see what is wrong. */
  async function times(): Promise<OperatorTimes> {
    try {
      last = await operatorTimes(queues);
    } catch (error) {
      if (!(error instanceof CodedError) || last === undefined) throw error;
    }
    return last;
  }

  return {
    async find(asked) {
      const cookie = cookies.read(asked.headers, 'operator');
      if (cookie === undefined || isForeign(asked, config.hosts)) return null;
      const session = unseal<Session>(await key(), 'session', cookie, Date.now());
      return session !== undefined && session.since > (await times()).ended ? session : null;
    },
    async begin(headers, { name, role }) {
      const expires = Date.now() + lifeSeconds * 1_000;
      const { now, ended } = await times();
      // who signs in within the millisecond of an end, or after the clock was set back, came after it all the same
      const session: Session = { name, role, since: Math.max(now, ended + 1), expires };
      return cookies.write(headers, 'operator', seal(await key(), 'session', session), lifeSeconds);
    },
    end: (headers) => cookies.write(headers, 'operator', '', 0),
    async endAll({ name }) {
      const ended = await endOperators(queues);
      last = { now: ended, ended };
      log.info({ name }, 'everybody was signed out');
    },
    async keepPending(headers, value) {
      const pending = { value, expires: Date.now() + pendingSeconds * 1_000 };
      return cookies.write(headers, 'sign-in', seal(await key(), 'sign-in', pending), pendingSeconds);
    },
    async findPending<T extends object>(headers: Headers) {
      const cookie = cookies.read(headers, 'sign-in');
      if (cookie === undefined) return undefined;
      return unseal<{ value: T; expires: number }>(await key(), 'sign-in', cookie, Date.now())?.value;
    },
    dropPending: (headers) => cookies.write(headers, 'sign-in', '', 0),
  };
}
