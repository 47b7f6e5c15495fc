import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StreamEvent } from '@slipway/client/stream';
import { succeeded, unplaced } from '@slipway/client/test-jobs';
import type { Job } from '@slipway/contract/jobs';

/** One request as the service had it. */
export interface Had {
  what: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export type Answer = (res: ServerResponse) => void;

/** An answer of JSON. */
export const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (res) =>
    res.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(value));

/** A stream of these events, which ends where the job does and else stays open. */
export const events =
  (...told: StreamEvent[]): Answer =>
  (res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' });
    told.forEach((event, i) => {
      const isInLine = event.type === 'state' && event.state === 'queued';
      const id = isInLine ? '' : `id: ${event.type === 'done' ? 'end' : `1-${i}`}\n`;
      res.write(`${id}event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    });
    if (told.at(-1)?.type === 'done') res.end();
  };

export const problemOf = (status: number, code: string, detail: string, more: object = {}) => ({
  type: 'about:blank',
  title: 'No',
  status,
  code,
  detail,
  requestId: 'r1',
  ...more,
});

export const path = succeeded.urls.self;
export const taken: Job = { ...unplaced, position: 2 };

/** A job that waits, runs, tells text and succeeds. */
export const lifeOf = (done: Job): StreamEvent[] => [
  { type: 'state', state: 'queued', position: 1 },
  { type: 'state', state: 'running', attempt: 1 },
  { type: 'progress', ratio: 0.5, stage: 'read', message: 'Reading part 2 of 4.' },
  { type: 'output', text: 'Sho' },
  { type: 'output', text: 'rt.' },
  { type: 'state', state: 'succeeded' },
  { type: 'done', job: done },
];

/**
 * A service on loopback that gives these answers, by method and path without its query; several are given in turn, the
 * last one for ever.
 */
export async function serve(answers: Record<string, Answer | Answer[]>) {
  const had: Had[] = [];
  const server = createServer(async (req, res) => {
    const parts: Buffer[] = [];
    for await (const part of req) parts.push(part);
    const what = `${req.method} ${req.url}`;
    had.push({ what, headers: req.headers, body: Buffer.concat(parts).toString() });
    const found = answers[what] ?? answers[what.replace(/\?.*/, '')];
    const answer = Array.isArray(found) ? (found.length > 1 ? found.shift() : found[0]) : found;
    if (answer) answer(res);
    else json(problemOf(404, 'not_found', `No answer for ${what}.`), 404)(res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    had,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
