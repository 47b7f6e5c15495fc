import { createHash } from 'node:crypto';
import { openQueues } from '@slipway/queue/queues';
import { openRateLimiters } from '@slipway/queue/rate-limit';
import { createApp } from '../app.ts';
import { allModels, openTestApp, type TestAppOptions } from '../test-app.ts';
import type { Answer } from './answers.ts';
import { type Condition, madeJob } from './made-jobs.ts';
import type { Draft } from './requests.ts';

const key = 'key-of-ann-0123456789';
const apiKeys = [{ name: 'ann', sha256: createHash('sha256').update(key).digest('hex') }];

export interface Sent {
  /** As the address says it, normalised. */
  pathname: string;
  answer: Answer;
}

export type House = Awaited<ReturnType<typeof openHouse>>;

export interface HouseOptions extends TestAppOptions {
  keyed?: boolean;
  /** Redis can't be reached. Jobs are still made, in another. */
  away?: boolean;
}

/** The app on the tests' Redis, with keys or without; nobody waits longer than a moment for a job that nobody runs. */
export async function openHouse(redisUrl: string, { keyed = false, away = false, ...options }: HouseOptions) {
  const app = await openTestApp(redisUrl, { maxDepth: 1_000_000, ...(keyed && { apiKeys }), ...options });
  const nowhere = { url: 'unix:///nowhere/redis.sock', log: app.deps.log, jobTtlSeconds: 60 };
  const queues = away ? openQueues(nowhere) : app.queues;
  const desk = app.deskOn(queues);
  const limiters = openRateLimiters(queues, options.rateLimit ?? null);
  const moment = 2;
  const impatient: typeof desk = {
    ...desk,
    untilEnd: (id, caller, ms, signal) => desk.untilEnd(id, caller, Math.min(ms, moment), signal),
    waitUntil: (id, caller, until, ms, signal) => desk.waitUntil(id, caller, until, Math.min(ms, moment), signal),
  };
  const { request } = createApp({
    ...app.deps,
    queues,
    desk: impatient,
    limiters,
    ...(keyed && { models: allModels }),
  });
  let count = 0;

  /** From an address of its own, because wrong keys are counted by address. */
  function headersOf({ headers, body, caller }: Draft): Headers {
    count += 1;
    const all = new Headers({ 'X-Forwarded-For': `198.18.${(count >> 8) & 255}.${count & 255}` });
    if (keyed && caller !== 'none') all.set('Authorization', `Bearer ${caller === 'right' ? key : 'kraken7q-wrong'}`);
    if (body.bytes.length > 0) all.set('Content-Length', String(body.bytes.length));
    if (body.type !== undefined) all.set('Content-Type', body.type);
    for (const [name, value] of headers) all.set(name, value);
    return all;
  }

  return {
    async send(draft: Draft): Promise<Sent> {
      const { method, path, condition, query, body } = draft;
      const id = path.includes('{job}') ? await madeJob(app.queues, condition, keyed ? 'ann' : null) : '';
      const url = new URL(path.replace('{job}', id) + query, 'http://localhost');
      const hasBody = !/^(get|head)$/i.test(method) && body.bytes.length > 0;
      const headers = headersOf(draft);
      const response = await request(url.href, { method, headers, ...(hasBody && { body: body.bytes }) });
      const { status } = response;
      const isResumed = headers.has('Last-Event-ID') || url.searchParams.has('lastEventId');
      return {
        pathname: url.pathname,
        answer: { status, headers: response.headers, text: await textOf(response, isResumed) },
      };
    },
    /** How many jobs somebody follows. */
    followed: () => app.queues.use(({ redis, prefix }) => redis.pubsub('CHANNELS', `${prefix}:*`)),
    madeJob: (condition: Condition) => madeJob(app.queues, condition, keyed ? 'ann' : null),
    streamSecret: app.deps.streamSecret,
    mayBeAway: away,
    async close() {
      if (away) await queues.close();
      await app.close();
    },
  };
}

/**
 * A stream is cut after its first event, as by a client that goes away, and one that was taken up again, where there may be
 * no more events, after its first words; that of a job that has ended ends by itself.
 */
async function textOf(response: Response, isResumed: boolean): Promise<string> {
  if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) return response.text();
  let text = '';
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    text += decoder.decode(next.value, { stream: true });
    const hasEnded = /"state":"(succeeded|failed|canceled|expired)"/.test(text);
    if (isResumed && text !== '' && !hasEnded) break;
    if (!hasEnded && /^data: .*\n(id: .*\n)?\n/m.test(text)) break;
  }
  await reader?.cancel();
  return text;
}
