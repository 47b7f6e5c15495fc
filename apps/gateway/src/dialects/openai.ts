import { CodedError } from '@slipway/contract/problems';
import { type Context, Hono } from 'hono';
import type { AppEnv } from '../caller.ts';
import { answerChat } from './chat.ts';
import { type DialectDeps, guard } from './deps.ts';
import { answerErrors, type ErrorAnswer, isPassing, retryAfter, statusWithout503 } from './errors.ts';

/** OpenAI's chat completions and models; the Hub's client asks the same path for chat. */
export function openaiRoutes(deps: DialectDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const guarded = guard(deps);
  app.onError(answerErrors(deps.log, openaiError));
  // only what this dialect can use: programs offer the whole list to their users
  const models = deps.models.chat === null ? [] : [toModel(deps.models.chat)];
  const answerModel = (c: Context<AppEnv>, id: string) => {
    const model = models.find((model) => model.id === id);
    return model ? c.json(model) : openaiError(c, unknownModel());
  };
  return (
    app
      .post('/v1/chat/completions', guarded, (c) => answerChat(c, deps, openaiErrorBody))
      .get('/v1/models', guarded, (c) => c.json({ object: 'list', data: models }))
      .get('/v1/models/:id', guarded, (c) => answerModel(c, c.req.param('id')))
      // the client writes the slash of an id as %2F, people do not
      .get('/v1/models/:owner/:name', guarded, (c) => answerModel(c, `${c.req.param('owner')}/${c.req.param('name')}`))
  );
}

const toModel = (id: string) => ({ id, object: 'model', created: 0, owned_by: id.split('/')[0] });

const openaiErrorBody = (error: CodedError) => {
  const pointer = error.faults[0]?.pointer;
  const status = openaiStatus(error);
  return {
    error: {
      message: error.message,
      type: status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error',
      code: status === 404 && pointer === '/model' ? 'model_not_found' : error.code,
      param: pointer ? toParam(pointer) : null,
    },
  };
};

export const openaiError: ErrorAnswer = (c, error) =>
  c.json(openaiErrorBody(error), openaiStatus(error), {
    ...retryAfter(error),
    // left alone, the client tries twice more what will be just the same
    ...(!isPassing(error.code) && { 'x-should-retry': 'false' }),
  });

/** Their name for input that does not fit is 400; never 503, for the Hub's client asks here too. */
const openaiStatus = ({ code }: CodedError) => (code === 'invalid_input' ? 400 : statusWithout503(code));

/** `/messages/1/role` as `messages[1].role`. */
const toParam = (pointer: string) =>
  pointer
    .slice(1)
    .replace(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.');

function unknownModel(): CodedError {
  const message = 'must be one of those that GET /v1/models lists';
  return new CodedError('not_found', `The model ${message}.`, { faults: [{ pointer: '/model', message }] });
}
