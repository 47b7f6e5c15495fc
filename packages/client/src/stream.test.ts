import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Job } from '@slipway/contract/jobs';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { createClient } from './client.ts';
import { ProblemError, UnreachableError } from './errors.ts';
import { type StreamEvent, type StreamSource, streamEvents } from './stream.ts';
import { problem, queued, running, succeeded } from './test-jobs.ts';
import { waitForEnd } from './wait.ts';

type Answer = (res: ServerResponse) => void;

const message = (event: { type: string; text?: string }, id?: string) =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const output = (text: string, id: string) => message({ type: 'output', text }, id);
const run = (id?: string, attempt = 1) => message({ type: 'state', state: 'running', attempt } as StreamEvent, id);
const done = message({ type: 'done', job: succeeded } as StreamEvent, 'end');

/** An answer of these events; it stays open unless it is the end. */
const events =
  (...parts: string[]): Answer =>
  (res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const text = ['retry: 5\n\n', ...parts].join('');
    if (text.endsWith(done)) res.end(text);
    else res.write(text);
  };
const refuse =
  (status: number, retryAfter: string): Answer =>
  (res) => {
    res.writeHead(status, { 'Retry-After': retryAfter });
    res.end(JSON.stringify({ ...problem, status, code: 'queue_unavailable' }));
  };

/** A service on loopback that gives these answers for `/events` in turn, and the job as it is set. */
async function serve(...answers: Answer[]) {
  const service = { job: running as Job, looks: 0, lastEventIds: [] as unknown[] };
  const server = createServer((req, res) => {
    if (req.url?.split('?')[0] === queued.urls.self) {
      service.looks++;
      return void res.end(JSON.stringify(service.job));
    }
    service.lastEventIds.push(req.headers['last-event-id']);
    const answer = req.url === queued.urls.events ? answers.shift() : undefined;
    if (answer) answer(res);
    else res.writeHead(500).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createClient({ baseUrl: base });
  const source: StreamSource = {
    send: fetch,
    url: base + queued.urls.events,
    look: async () => ({ job: await client.get(queued.id, { outageMs: 0 }) }),
  };
  return { service, client, source };
}

async function all(stream: AsyncIterable<StreamEvent>, onEvent?: (event: StreamEvent) => void) {
  const told: StreamEvent[] = [];
  for await (const event of stream) {
    told.push(event);
    onEvent?.(event);
  }
  return told;
}
const short = (told: StreamEvent[]) =>
  told.map((event) => (event.type === 'output' ? event.text : event.type === 'state' ? event.state : event.type));

afterEach(() => {
  vi.useRealTimers();
});

test('a stream ends with the job, its output read by its task', async () => {
  const { client } = await serve(events(': hello\n\n', run(), run('1-0'), output('Short', '1-1'), done));
  const told = await all(client.stream(queued.id));
  expect(short(told)).toEqual(['running', 'running', 'Short', 'done']);
  expect(told[2]).toEqual({ type: 'output', text: 'Short', id: '1-1' });
  expect(told[3]).toEqual({ type: 'done', job: succeeded, id: 'end' });
});

test('after a cut in the middle of an event it goes on after the last whole one', async () => {
  let cut = () => {};
  const { client, service } = await serve(
    (res) => {
      const third = output('c', '1-3');
      events(run(), run('1-0'), output('a', '1-1'), output('b', '1-2'), third.slice(0, -3))(res);
      cut = () => res.destroy();
    },
    // the state at the beginning is ahead of what follows: passed on, it would have the text begin anew too early
    events(run(undefined, 2), output('c', '1-3'), run('1-4', 2), done),
  );
  const told = await all(client.stream(queued.id), ({ id }) => id === '1-2' && cut());
  expect(short(told)).toEqual(['running', 'running', 'a', 'b', 'c', 'running', 'done']);
  expect(service.lastEventIds).toEqual([undefined, '1-2']);
});

test('a stream that ends without the end was cut', async () => {
  const { client, service } = await serve((res) => {
    events(run(), output('a', '1-1'))(res);
    res.end();
  }, events(done));
  expect(short(await all(client.stream(queued.id, { lastEventId: '1-0' })))).toEqual(['a', 'done']);
  expect(service.lastEventIds).toEqual(['1-0', '1-1']);
});

test('a place in line is told when it changes, over all connections', async () => {
  const place = (position: number) => message({ type: 'state', state: 'queued', position } as StreamEvent);
  const { client } = await serve(
    (res) => {
      events(place(2), place(2), place(1))(res);
      res.end();
    },
    events(place(1), run('1-0'), done),
  );
  expect((await all(client.stream(queued.id))).map((event) => 'position' in event && event.position)).toEqual([
    2,
    1,
    false,
    false,
  ]);
});

test('events of a type that is not known here are passed over', async () => {
  const { client } = await serve(events(message({ type: 'thought' }, '1-0'), 'id: 1-1\ndata: x\n\n', done));
  expect(short(await all(client.stream(queued.id)))).toEqual(['done']);
});

test('a stream that is not of the service is an error', async () => {
  const { client } = await serve(events('event: state\ndata: {"type":"state"}\n\n'));
  await expect(all(client.stream(queued.id))).rejects.toThrow(UnreachableError);
});

test.each([503, 429])('it comes back after a %s', async (status) => {
  const { client, service } = await serve(refuse(status, '0'), events(done));
  expect(short(await all(client.stream(queued.id)))).toEqual(['done']);
  expect(service.lastEventIds).toHaveLength(2);
});

test('it does not come back before Retry-After, and gives up where that is beyond its patience', async () => {
  const { client, service } = await serve(refuse(503, '2'), events(done));
  const error = await all(client.stream(queued.id, { outageMs: 1500 })).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({ status: 503, retryAfterMs: 2000 });
  expect(service.lastEventIds).toHaveLength(1);
});

test('an unknown job is a ProblemError at once', async () => {
  const { client, service } = await serve((res) => {
    res.writeHead(404).end(JSON.stringify({ ...problem, status: 404, code: 'job_not_found' }));
  });
  await expect(all(client.stream(queued.id))).rejects.toMatchObject({ status: 404, code: 'job_not_found' });
  expect(service.lastEventIds).toHaveLength(1);
});

test('where nothing is left to tell, the job is read', async () => {
  const { client, service } = await serve((res) => res.writeHead(204).end());
  service.job = succeeded;
  const told = await all(client.stream(queued.id, { lastEventId: 'end' }));
  expect(told).toEqual([{ type: 'done', job: succeeded }]);
  expect(service.lastEventIds).toEqual(['end']);
});

test('a silent stream counts as cut', async () => {
  const { source, service } = await serve(events(output('a', '1-1')), events(done));
  expect(short(await all(streamEvents({ ...source, silenceMs: 30 }, {})))).toEqual(['a', 'done']);
  expect(service.lastEventIds).toEqual([undefined, '1-1']);
});

test('leaving the loop ends the request', async () => {
  let closed: Promise<unknown> | undefined;
  const { client } = await serve((res) => {
    closed = once(res, 'close');
    events(output('a', '1-1'), output('b', '1-2'))(res);
  });
  for await (const event of client.stream(queued.id)) if (event.type === 'output') break;
  await closed;
});

test('the signal ends a stream that waits, with its reason', async () => {
  const stop = new AbortController();
  let closed: Promise<unknown> | undefined;
  const { client } = await serve((res) => {
    closed = once(res, 'close');
    events(output('a', '1-1'))(res);
  });
  const told = all(client.stream(queued.id, { signal: stop.signal, outageMs: 0 }), () =>
    stop.abort(new Error('enough')),
  );
  await expect(told).rejects.toThrow('enough');
  await closed;
});

test('characters that are split between two reads are whole', async () => {
  const bytes = [...new TextEncoder().encode(output('Größe 🚢', '1-1') + done)];
  const body = new ReadableStream({
    pull(controller) {
      const byte = bytes.shift();
      if (byte === undefined) controller.close();
      else controller.enqueue(Uint8Array.of(byte));
    },
  });
  const send = async () => new Response(body, { headers: { 'Content-Type': 'text/event-stream; charset=utf-8' } });
  const client = createClient({ baseUrl: 'https://slip.test', fetch: send });
  expect(short(await all(client.stream(queued.id)))).toEqual(['Größe 🚢', 'done']);
});

test('it comes back after the time that the service named, and in an outage ever later', async () => {
  vi.useFakeTimers();
  const asked: number[] = [];
  const send = async () => {
    asked.push(performance.now());
    if (asked.length !== 1 && asked.length !== 3) throw new TypeError('fetch failed');
    return new Response(asked.length === 1 ? 'retry: 2000\n\n' : ': hello\n\n', {
      headers: { 'Content-Type': 'text/event-stream' },
    });
  };
  const client = createClient({ baseUrl: 'https://slip.test', fetch: send });
  const refused = expect(all(client.stream(queued.id, { outageMs: 9000 }))).rejects.toThrow(UnreachableError);
  await vi.runAllTimersAsync();
  await refused;
  // the third is heard, and cut; the last is at the end of the patience
  expect(asked.map((at) => Math.round(at - (asked[0] ?? 0)))).toEqual([0, 2000, 5000, 7000, 10000, 14000]);
});

test('wait looks once and then follows the events', async () => {
  const half = (ratio: number, id: string) =>
    message({ type: 'progress', ratio, stage: 'read', message: '' } as StreamEvent, id);
  const { client, service } = await serve(
    (res) => {
      events(message({ type: 'state', state: 'queued', position: 1 } as StreamEvent), run('1-0'))(res);
      res.end();
    },
    events(run(), half(0.2, '1-1'), output('Short', '1-2'), half(0.9, '1-3'), done),
  );
  service.job = queued;
  const seen: unknown[] = [];
  const job = await client.wait<'summarize'>(queued.id, {
    onUpdate: ({ state, position, progress, output }) =>
      seen.push([state, position ?? progress?.ratio ?? output?.summary]),
  });
  expect(job).toEqual(succeeded);
  expect(service.looks).toBe(1);
  expect(seen).toEqual([
    ['queued', 2],
    ['queued', 1],
    ['running', undefined],
    ['running', 0.2],
    ['running', 0.9],
    ['succeeded', 'Short.'],
  ]);
});

test.each<[string, Answer]>([
  ['nothing comes through', (res) => res.flushHeaders()],
  ['something else answers', (res) => res.end('<h1>Events?</h1>')],
  ['the way there is broken', (res) => res.destroy()],
])('wait polls where %s', async (_, answer) => {
  const { source, service } = await serve((res) => {
    service.job = succeeded;
    answer(res);
  });
  expect(await waitForEnd({ ...source, firstByteMs: 30 }, {})).toEqual(succeeded);
  expect(service).toMatchObject({ looks: 2, lastEventIds: [undefined] });
});

test('wait ends when the job is gone in the middle of its events', async () => {
  const { client } = await serve(
    (res) => {
      events(run('1-0'))(res);
      res.end();
    },
    (res) => res.writeHead(404).end(JSON.stringify({ ...problem, status: 404, code: 'job_not_found' })),
  );
  await expect(client.wait(queued.id)).rejects.toMatchObject({ code: 'job_not_found' });
});
