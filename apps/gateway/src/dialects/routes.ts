import { CodedError } from '@slipway/contract/problems';
import type { Log } from '@slipway/runtime/log';
import { type Context, Hono } from 'hono';
import type { AppEnv } from '../caller.ts';
import { analyzeError, analyzeRoutes } from './analyze.ts';
import type { DialectDeps } from './deps.ts';
import { type ErrorAnswer, toCoded } from './errors.ts';
import { hubError, hubRoutes } from './hub.ts';
import { openaiError, openaiRoutes } from './openai.ts';
import { replicateError, replicateRoutes } from './replicate.ts';

/** What is served here and is, on purpose, not in the OpenAPI document: other services document it. */
export const dialectPaths = [
  'POST /analyze',
  'POST /hf/summarization',
  'POST /hf/text-classification',
  'POST /hf/image-classification',
  'POST /hf/v1/chat/completions',
  'POST /v1/chat/completions',
  'GET /v1/models',
  'GET /v1/models/{id}',
  'GET /v1/models/{owner}/{name}',
  'POST /v1/models/{owner}/{name}/predictions',
  'POST /v1/files',
  'POST /v1/predictions',
  'GET /v1/predictions/{id}',
  'POST /v1/predictions/{id}/cancel',
  'GET /v1/predictions/{id}/stream',
] as const;

/** The endpoints that other people's clients speak, each a translation to the same queue. */
export function dialectRoutes(deps: DialectDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  for (const routes of [analyzeRoutes, hubRoutes, openaiRoutes, replicateRoutes]) app.route('/', routes(deps));
  // answered, not thrown: the gateway's answer to a wrong method looks at answers only
  for (const path of ['/hf/*', '/v1/*'])
    app.all(path, (c) => dialectError(c, new CodedError('not_found', 'No such path.'), deps.log) as Response);
  return app;
}

/** Each path's dialect; the first that fits. */
const dialects: [RegExp, ErrorAnswer][] = [
  [/^\/analyze$/, analyzeError],
  [/^\/hf(\/|$)/, hubError],
  [/^\/v1\/(files$|predictions(\/|$)|models\/[^/]+\/[^/]+\/predictions$)/, replicateError],
  [/^\/v1(\/|$)/, openaiError],
];

/** An error that came before a route was reached, as the client of this path can read it; undefined for other paths. */
export function dialectError(c: Context<AppEnv>, error: unknown, log: Log): Response | undefined {
  const answer = dialects.find(([path]) => path.test(c.req.path))?.[1];
  return answer?.(c, toCoded(error, log, c.get('requestId')));
}
