import { CodedError } from '@slipway/contract/problems';
import { Hono, type HonoRequest } from 'hono';
import { decodeText, parseJson } from '../body.ts';
import type { AppEnv } from '../caller.ts';
import { type DialectDeps, guard } from './deps.ts';
import { answerErrors, type ErrorAnswer, retryAfter, statusOf } from './errors.ts';
import { fieldsOf } from './json.ts';
import { run } from './run.ts';

/** The sentiment endpoint that tutorials on FastAPI build: a text in, one label and its score out. */
export function analyzeRoutes(deps: DialectDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.onError(answerErrors(deps.log, analyzeError));
  return app.post('/analyze', guard(deps), async (c) => {
    const { text, at } = await readText(c.req);
    const { output } = await run(c, deps, {
      value: { task: 'classify-text', input: { text }, options: { topK: 1 } },
      names: { '/input/text': `/${at}/text` },
    });
    const [best] = output.labels;
    return c.json({ sentiment: best?.label, score: best?.score });
  });
}

/** FastAPI's two shapes: a list of faults with their places for input, a sentence for everything else. */
export const analyzeError: ErrorAnswer = (c, error) => {
  const detail =
    error.faults.length > 0
      ? error.faults.map(({ pointer, message }) => ({
          type: error.code,
          loc: pointer.split('/').slice(1),
          msg: message,
        }))
      : error.message;
  return c.json({ detail }, statusOf(error.code), retryAfter(error));
};

/** The text as a parameter of the address, a field of a JSON object or of a form. */
async function readText(request: HonoRequest): Promise<{ text: unknown; at: 'query' | 'body' }> {
  const inQuery = request.query('text');
  if (inQuery !== undefined) return { text: inQuery, at: 'query' };
  const body = await request.arrayBuffer();
  if (body.byteLength === 0) return { text: undefined, at: 'query' };
  const type = request.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return { text: fieldsOf(parseJson(body)).text, at: 'body' };
  if (type === 'application/x-www-form-urlencoded')
    return { text: new URLSearchParams(decodeText(body)).get('text') ?? undefined, at: 'body' };
  throw new CodedError('unsupported_media_type', 'Send ?text=, a JSON object or a form with the field text.');
}
