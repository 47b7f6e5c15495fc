import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '@slipway/contract/problems';
import { afterEach, expect, inject, test } from 'vitest';
import { cancelJob } from './cancel.ts';
import { readEvents } from './events.ts';
import { getJob } from './inspect.ts';
import { result, submit, testQueues } from './test-queues.ts';

const { open, work, follow, close } = testQueues(inject('redisUrl'));
afterEach(close);

test('who follows a job gets its states, its text, its log and its end; who comes back gets the rest', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const id = await submit(queues);
  const gate = Promise.withResolvers<void>();
  let attempts = 0;
  work(prefix, async ({ started, output, log: tell, report, attempt }) => {
    started();
    attempts = attempt;
    tell('reading');
    output('First ');
    if (attempt === 1) throw new CodedError('child_crashed', 'It fell.');
    await gate.promise;
    report({ ratio: 0.5, stage: 'writing', message: 'Half.' });
    output('then.');
    return result;
  });
  const seen: { id?: string; type: string; [key: string]: unknown }[] = [];
  for await (const news of await follow(queues, prefix, id)) {
    if (news.type === 'event') {
      seen.push({ id: news.id, ...news.event });
      if (news.event.type === 'output' && attempts === 2) gate.resolve();
    } else if (news.type === 'end') seen.push({ type: 'end', state: news.job.state });
  }
  expect(seen.map(({ type, state, attempt, text }) => [type, state ?? attempt ?? text].filter(Boolean))).toEqual([
    ['state', 'running'],
    ['log'],
    ['output', 'First '],
    ['state', 'queued'],
    ['state', 'running'],
    ['log'],
    ['output', 'First '],
    ['progress'],
    ['output', 'then.'],
    ['state', 'succeeded'],
    ['end', 'succeeded'],
  ]);
  expect((await getJob(queues, id)).metrics.firstTokenMs).toBeGreaterThanOrEqual(0);

  const middle = seen[5]?.id;
  const rest: unknown[] = [];
  for await (const news of await follow(queues, prefix, id, middle)) if (news.type === 'event') rest.push(news.id);
  expect(rest).toEqual(seen.slice(6, 10).map((event) => event.id));
  expect(await readEvents(queues, id, seen[9]?.id ?? '')).toEqual([]);
});

test('who comes when a job was taken and has told nothing yet hears once that it runs, by its first event', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const [taken, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  work(prefix, async ({ started }) => {
    taken.resolve();
    await gate.promise;
    started();
    return result;
  });
  const id = await submit(queues);
  await taken.promise;
  const news = await follow(queues, prefix, id);
  const first = news.next();
  // Redis answers in turn, so the follower has looked by then
  for (let i = 0; i < 5; i += 1) await getJob(queues, id);
  gate.resolve();
  const told = [(await first).value];
  for await (const item of news) told.push(item);
  expect(told).toMatchObject([
    { type: 'event', event: { type: 'state', state: 'running', attempt: 1 } },
    { type: 'event', event: { type: 'state', state: 'succeeded' } },
    { type: 'end' },
  ]);
});

test('who follows a job that is canceled while it waits hears of it', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const id = await submit(queues);
  const states: string[] = [];
  for await (const news of await follow(queues, prefix, id)) {
    if (news.type !== 'job' && news.type !== 'end') continue;
    states.push(news.job.state);
    if (states.length === 1) await cancelJob(queues, id);
  }
  expect(states.at(-1)).toBe('canceled');
});

test('all the text arrives, in order, however fast it comes', async () => {
  const prefix = randomUUID();
  const queues = await open(prefix);
  const id = await submit(queues);
  const pieces = Array.from({ length: 5_000 }, (_, i) => `${i} `);
  work(prefix, async ({ output }) => {
    for (const [i, piece] of pieces.entries()) {
      output(piece);
      if (i % 500 === 0) await sleep(1);
    }
    return result;
  });
  let text = '';
  let events = 0;
  for await (const news of await follow(queues, prefix, id))
    if (news.type === 'event' && news.event.type === 'output') {
      text += news.event.text;
      events += 1;
    }
  expect(text).toBe(pieces.join(''));
  expect(events).toBeLessThan(100);
});
