import { problemSchema } from '@slipway/contract/problems';
import type { Answer } from './answers.ts';
import { ProblemError, UnreachableError } from './errors.ts';

/** The part of `fetch` that this package needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

interface RequestSettings {
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
  const { status, text } = await exchange(send, url, init, settings);
  const body = parseJson(text);
  const wanted = answer.safeParse(body);
  if (wanted.success) return wanted.data;
  const problem = problemSchema.safeParse(body);
  if (problem.success) throw new ProblemError(problem.data);
  const message = `Something other than the service answered (HTTP ${status}).`;
  throw new UnreachableError(message, { status, cause: wanted.error });
}

async function exchange(send: Fetch, url: string, init: RequestInit, { timeoutMs, signal }: RequestSettings) {
  signal?.throwIfAborted();
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  try {
    const either = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
    const response = await send(url, { ...init, signal: either });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    signal?.throwIfAborted();
    const within = limit.signal.aborted ? ` within ${timeoutMs / 1000} seconds` : '';
    throw new UnreachableError(`The service gave no answer${within}.`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
