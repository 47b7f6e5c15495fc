import { createClient } from './client.ts';
import type { OnRetry } from './patience.ts';
import type { Fetch } from './request.ts';

/** What the tests give a client for a service. */
export const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers });
export const unreachable = () => Promise.reject(new TypeError('fetch failed'));
export const page = () => new Response('<h1>Sign in</h1>');

type Answer = () => Response | Promise<Response>;

/** A client whose service gives these answers in turn, the last one for ever. Streams of events can't be had from it. */
export function clientOf(...answers: Answer[]) {
  return clientWith({}, ...answers);
}

export function clientWith(options: { apiKey?: string; onRetry?: OnRetry }, ...answers: Answer[]) {
  const calls: [string, RequestInit][] = [];
  const send: Fetch = async (url, init) => {
    if (url.endsWith('/events')) return page();
    calls.push([url, init]);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (!answer) throw new Error('no answer given');
    return answer();
  };
  return { client: createClient({ ...options, baseUrl: 'https://slip.test/', fetch: send }), calls };
}
