import { doneEventId, type JobEvent } from '@slipway/contract/events';
import { endStates, type Job } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import { isEventId } from '@slipway/queue/events';
import type { News } from '@slipway/queue/follow';
import type { Log } from '@slipway/runtime/log';
import { Hono } from 'hono';
import { type SSEMessage, type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { AppEnv } from '../caller.ts';
import type { Desk } from '../desk.ts';

/** What a client waits before it comes back after a cut, in milliseconds. */
const retryMs = 1_000;

/** `GET /jobs/{id}/events`: what happens to a job, as server-sent events, until it has ended. */
export function jobEventRoutes(desk: Desk, stopping: AbortSignal, log: Log) {
  return new Hono<AppEnv>().get('/:id/events', async (c) => {
    const [id, caller] = [c.req.param('id'), c.get('caller')];
    const after = c.req.header('last-event-id') || c.req.query('lastEventId') || undefined;
    // before the answer begins, so that an unknown job is a 404
    const { state } = await desk.get(id, caller);
    if (after === doneEventId && endStates.has(state)) return c.body(null, 204);
    if (after !== undefined && !isEventId(after)) throw unknownEventId();

    // of an answer to HEAD nobody reads the body, so nobody could leave it either
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'text/event-stream' });

    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, stopping]);
    const news = desk.follow(id, caller, after, signal);
    c.header('X-Accel-Buffering', 'no'); // nginx and its like pass each event on at once
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => gone.abort());
      await stream.write(`retry: ${retryMs}\n\n`);
      try {
        for await (const item of news) await write(stream, item);
      } catch (err) {
        // the client comes back by itself, and is told then
        log.warn({ err, requestId: c.get('requestId') }, 'a stream of events was cut');
      }
    });
  });
}

async function write(stream: SSEStreamingApi, news: News): Promise<void> {
  if (news.type === 'silence') await stream.write(': still there\n\n');
  else await stream.writeSSE(toMessage(news));
}

function toMessage(news: Exclude<News, { type: 'silence' }>): SSEMessage {
  if (news.type === 'event') return message(news.event, news.id);
  if (news.type === 'job') return message(stateOf(news.job));
  return { event: 'done', id: doneEventId, data: JSON.stringify({ type: 'done', job: news.job }) };
}

const message = (event: JobEvent, id?: string): SSEMessage => ({
  event: event.type,
  data: JSON.stringify(event),
  ...(id !== undefined && { id }),
});

const stateOf = ({ state, position }: Job): JobEvent => ({
  type: 'state',
  state,
  ...(position !== undefined && { position }),
});

function unknownEventId(): CodedError {
  return new CodedError('invalid_request', 'Last-Event-ID must be the id of an event of this stream, or be left out.');
}
