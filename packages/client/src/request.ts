import { type Answer, anyProblemSchema } from './answers.ts';
import { ProblemError, UnreachableError } from './errors.ts';

/** The part of `fetch` that this package needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface RequestSettings {
  /** Longest time for the whole answer, in milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * Sends one request and reads what comes with `answer`, whatever its status: `/readyz` tells its news with a 503.
 * Throws ProblemError for a problem, UnreachableError for no answer or one of another shape, and the signal's own
 * reason where the caller stopped it.
 */
export async function request<T>(
  send: Fetch,
  url: string,
  init: RequestInit,
  answer: Answer<T>,
  settings: RequestSettings,
): Promise<T> {
  const { response, text } = await exchange(send, url, init, settings);
  const wanted = answer.safeParse(parseJson(text));
  if (wanted.success) return wanted.data;
  throw errorOf(response, text, wanted.error);
}

/** Sends one request and takes the whole answer, whatever it is. */
export async function exchange(
  send: Fetch,
  url: string,
  init: RequestInit,
  { timeoutMs, signal }: RequestSettings,
): Promise<{ response: Response; text: string }> {
  signal?.throwIfAborted();
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  try {
    const either = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
    const response = await send(url, { ...init, signal: either });
    return { response, text: await response.text() };
  } catch (cause) {
    signal?.throwIfAborted();
    const within = limit.signal.aborted ? ` within ${timeoutMs / 1000} seconds` : '';
    throw new UnreachableError(`The service gave no answer${within}.`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** What an answer that isn't the wanted one is: the service's problem, or something that isn't the service's. */
export function errorOf({ status, headers }: Response, text: string, cause?: unknown): ProblemError | UnreachableError {
  const problem = anyProblemSchema.safeParse(parseJson(text));
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'));
  if (problem.success) return new ProblemError(problem.data, { retryAfterMs });
  const message = `Something other than the service answered (HTTP ${status}).`;
  return new UnreachableError(message, { status, cause, retryAfterMs });
}

/** Seconds or a date (RFC 9110, 10.2.3) as milliseconds from now. */
function parseRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** Undefined for what isn't JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
