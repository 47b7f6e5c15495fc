import { Client } from 'undici';
import { guardedConnector, type Resolve } from './guarded-connect.ts';
import { parseRetryAfter } from './schedule.ts';
import { Refused, type Target } from './target.ts';

/** What came of a request: a status, or why there is none. */
export interface Answer {
  status: number | null;
  /** Undefined where it arrived. For people, without anything of the URL. */
  error?: string;
  /** True where it is of no use to try again. */
  isFinal?: boolean;
  retryAfterMs?: number | undefined;
}

export interface SendOptions {
  resolve?: Resolve | undefined;
  /** Longest time from the first look-up to the end of the answer, in milliseconds. */
  totalMs?: number | undefined;
}

/** What is read of an answer's body, which nobody looks at: a sender that hangs up at once looks like a fault. */
const mostBodyBytes = 16 * 1024;

/** Posts the body once, over a connection of its own. Redirects are not followed. Never rejects. */
export async function send(
  { url, isAllowed }: Target,
  headers: Record<string, string>,
  body: string,
  { resolve, totalMs = 15_000 }: SendOptions = {},
): Promise<Answer> {
  const client = new Client(url.origin, { connect: guardedConnector(isAllowed, resolve) });
  try {
    const signal = AbortSignal.timeout(totalMs);
    const response = await client.request({
      method: 'POST',
      path: url.pathname + url.search,
      headers,
      body,
      signal,
      reset: true, // tells the receiver that no other request follows on this connection
    });
    await response.body.dump({ limit: mostBodyBytes, signal }).catch(() => {}); // the status is what counts
    const retryAfter = [response.headers['retry-after']].flat()[0];
    return read(response.statusCode, parseRetryAfter(retryAfter, Date.now()));
  } catch (error) {
    return { status: null, error: explain(error, totalMs), isFinal: error instanceof Refused };
  } finally {
    await client.destroy();
  }
}

function read(status: number, retryAfterMs: number | undefined): Answer {
  if (status >= 200 && status < 300) return { status };
  const isRedirect = status >= 300 && status < 400;
  const error = `The receiver answered ${status}${isRedirect ? '; redirects are not followed' : ''}.`;
  return { status, error, retryAfterMs };
}

/** By code, because messages hold addresses, which are nobody's business outside. */
const reasons: Record<string, string> = {
  ENOTFOUND: 'The name of the host is not known.',
  EAI_AGAIN: 'The name of the host could not be looked up.',
  ECONNREFUSED: 'The host refused the connection.',
  ECONNRESET: 'The receiver broke the connection.',
  UND_ERR_SOCKET: 'The receiver broke the connection.',
  EHOSTUNREACH: 'The host cannot be reached.',
  ENETUNREACH: 'The host cannot be reached.',
  ETIMEDOUT: 'The host did not take the connection in time.',
  UND_ERR_CONNECT_TIMEOUT: 'The host did not take the connection in time.',
};

function explain(error: unknown, totalMs: number): string {
  if (error instanceof Refused) return error.message;
  if (!(error instanceof Error)) return 'The delivery failed.';
  if (error.name === 'TimeoutError') return `No answer within ${totalMs / 1_000} s.`;
  const { code = error.name } = error as NodeJS.ErrnoException;
  return reasons[code] ?? `The connection failed (${code}).`;
}
