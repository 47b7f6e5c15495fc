import { endStates, type Job } from '@slipway/contract/jobs';
import { CodedError } from '@slipway/contract/problems';
import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { spend } from '../access/limits.ts';
import { readJson } from '../body.ts';
import type { AppEnv } from '../caller.ts';
import { leftOf, preferredWait } from '../patience.ts';
import { type DialectDeps, guard } from './deps.ts';
import { answerErrors, type ErrorAnswer, retryAfter, statusOf, toCoded } from './errors.ts';
import { fieldsOf } from './json.ts';
import { type Links, toNewPrediction, toPrediction } from './prediction.ts';
import { findTarget, readPredictionRequest, type Target } from './prediction-request.ts';
import { drop, leaving, submit, succeeded, unfinished } from './run.ts';
import { readStreamToken, signStream } from './stream-token.ts';
import { textPieces } from './text-stream.ts';

/** Replicate's predictions: jobs by another name. */
export function replicateRoutes(deps: DialectDeps): Hono<AppEnv> {
  const { desk, models } = deps;
  const app = new Hono<AppEnv>();
  const guarded = guard(deps);
  app.onError(answerErrors(deps.log, replicateError));

  async function create(c: Context<AppEnv>, targetOf: (version: unknown) => Target): Promise<Response> {
    const startedAt = performance.now();
    const body = fieldsOf(await readJson(c.req));
    const job = await submit(c, deps, readPredictionRequest(body, targetOf(body.version)));
    const waited = await waitAsPreferred(c, deps, job, startedAt);
    return c.json(toNewPrediction(waited, linksTo(c, deps, job.id)), 201);
  }

  return (
    app
      .post('/v1/predictions', guarded, (c) => create(c, (version) => findTarget(version, models)))
      .post('/v1/models/:owner/:name/predictions', guarded, (c) => {
        const name = `${c.req.param('owner')}/${c.req.param('name')}`;
        return create(c, () => findTarget(name, models));
      })
      // no file is kept here; at 5xx the client puts the bytes into the input as a data: URI, at 4xx it gives up
      .post('/v1/files', (c) => c.json({ detail: 'No files are kept here. Send bytes as a data: URI.' }, 501))
      .get('/v1/predictions/:id', guarded, async (c) => {
        const id = c.req.param('id');
        const job = await desk.get(id, c.get('caller'));
        c.header('Cache-Control', 'no-store');
        return c.json(toPrediction(job, linksTo(c, deps, id)));
      })
      .post('/v1/predictions/:id/cancel', guarded, async (c) => {
        const id = c.req.param('id');
        return c.json(toPrediction(await desk.cancel(id, c.get('caller')), linksTo(c, deps, id)));
      })
      .get('/v1/predictions/:id/stream', async (c) => {
        const id = c.req.param('id');
        const known = readStreamToken(deps.streamSecret, id, c.req.query('token') ?? '', Date.now());
        if (!known) throw new CodedError('unauthorized', 'The token is not one of this stream, or too old.');
        c.set('caller', { owner: known.owner, client: `stream:${id}` });
        await spend(c, deps.limiters.reads);
        await desk.get(id, c.get('caller')); // before the answer begins, so that an unknown job is a 404
        // of an answer to HEAD nobody reads the body, so nobody could leave it either
        if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'text/event-stream' });
        return streamPrediction(c, deps, id);
      })
  );
}

export const replicateError: ErrorAnswer = (c, error) =>
  c.json({ detail: error.message, status: statusOf(error.code) }, statusOf(error.code), retryAfter(error));

/** `Prefer: wait` or `wait=N` (RFC 7240). The wait ends before proxies cut it, and the job goes on. */
async function waitAsPreferred(c: Context<AppEnv>, deps: DialectDeps, job: Job, startedAt: number): Promise<Job> {
  const seconds = preferredWait(c.req.header('prefer'));
  if (seconds === undefined || endStates.has(job.state)) return job;
  c.header('Preference-Applied', `wait=${seconds}`);
  // an outage meanwhile must not hide that it was taken
  const waited = deps.desk.untilEnd(job.id, c.get('caller'), leftOf(seconds, startedAt), leaving(c, deps));
  const now = await waited.catch(() => job);
  // who left has not learned its id
  if (c.req.raw.signal.aborted && !endStates.has(now.state)) await drop(c, deps, job.id);
  return now;
}

function linksTo(c: Context<AppEnv>, { streamSecret }: DialectDeps, id: string): Links {
  const { protocol, host } = new URL(c.req.url);
  const forwarded = c.req.header('x-forwarded-proto')?.split(',')[0]?.trim();
  const self = `${forwarded === 'https' ? 'https:' : protocol}//${host}/v1/predictions/${encodeURIComponent(id)}`;
  const token = signStream(streamSecret, id, c.get('caller').owner, Date.now());
  return { get: self, cancel: `${self}/cancel`, stream: `${self}/stream?token=${token}` };
}

/** Server-sent events as Replicate has them: `output` with a piece of text, `error` with a sentence, `done`. */
function streamPrediction(c: Context<AppEnv>, deps: DialectDeps, id: string): Response {
  const pieces = textPieces(deps.desk.follow(id, c.get('caller'), undefined, leaving(c, deps)));
  c.header('X-Accel-Buffering', 'no');
  return streamSSE(c, async (stream) => {
    const send = (event: string, data: string) => stream.writeSSE({ event, data });
    try {
      for await (const piece of pieces) {
        if (piece.type === 'beat') await stream.write(': still there\n\n');
        else if (piece.type === 'text') await send('output', piece.text);
        else if (piece.job.state === 'canceled') return void (await send('done', '{"reason":"canceled"}'));
        else if (succeeded(piece.job)) return void (await send('done', '{}'));
      }
      throw unfinished(c, deps); // or the client would take what it has for the whole
    } catch (error) {
      await send('error', toCoded(error, deps.log, c.get('requestId')).message);
      await send('done', '{"reason":"error"}');
    }
  });
}
