import type { Job } from '@slipway/contract/jobs';
import type { CodedError } from '@slipway/contract/problems';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { readJson } from '../body.ts';
import type { AppEnv } from '../caller.ts';
import { type ChatRequest, readChatRequest } from './chat-request.ts';
import type { DialectDeps } from './deps.ts';
import { toCoded } from './errors.ts';
import { drop, leaving, run, type Succeeded, streamMs, submit, succeeded, unfinished } from './run.ts';
import { textPieces } from './text-stream.ts';

/** Shapes a client of OpenAI's reads: https://platform.openai.com/docs/api-reference/chat */

/** A chat completion, whole or as a stream. `errorBody` is what an error in the midst of a stream looks like. */
export async function answerChat(c: Context<AppEnv>, deps: DialectDeps, errorBody: (error: CodedError) => object) {
  const request = readChatRequest(await readJson(c.req), deps.models.chat);
  if (request.stream) return streamChat(c, deps, request, errorBody);
  const job = await run(c, deps, request.asked);
  const { message, finishReason } = job.output;
  return c.json({
    ...head(job, deps, 'chat.completion'),
    choices: [{ index: 0, message: { ...message, refusal: null }, logprobs: null, finish_reason: finishReason }],
    usage: usageOf(job),
  });
}

async function streamChat(
  c: Context<AppEnv>,
  deps: DialectDeps,
  { asked, includeUsage }: ChatRequest,
  errorBody: (error: CodedError) => object,
): Promise<Response> {
  // before the answer begins, so that what is refused has its status
  const job = await submit(c, deps, asked);
  const signal = AbortSignal.any([leaving(c, deps), AbortSignal.timeout(streamMs)]);
  const base = { ...head(job, deps, 'chat.completion.chunk'), ...(includeUsage && { usage: null }) };
  const chunk = (delta: object, finishReason: string | null = null) => ({
    ...base,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
  });

  c.header('X-Accel-Buffering', 'no'); // nginx and its like pass each event on at once
  return streamSSE(c, async (stream) => {
    const send = (value: object) => stream.write(`data: ${JSON.stringify(value)}\n\n`);
    try {
      await send(chunk({ role: 'assistant', content: '' }));
      const done = await writePieces();
      await send(chunk({}, done.output.finishReason));
      if (includeUsage) await send({ ...base, choices: [], usage: usageOf(done) });
      await stream.write('data: [DONE]\n\n');
    } catch (error) {
      await drop(c, deps, job.id);
      await send(errorBody(toCoded(error, deps.log, c.get('requestId'))));
    }

    async function writePieces(): Promise<Succeeded<'chat'>> {
      for await (const piece of textPieces(deps.desk.follow(job.id, c.get('caller'), undefined, signal))) {
        if (piece.type === 'text') await send(chunk({ content: piece.text }));
        else if (piece.type === 'beat') await stream.write(': still there\n\n');
        else return succeeded(piece.job) as Succeeded<'chat'>;
      }
      throw unfinished(c, deps);
    }
  });
}

const head = ({ id, createdAt, model }: Job, { models }: DialectDeps, object: string) => ({
  id,
  object,
  created: Math.floor(Date.parse(createdAt) / 1000),
  model: model ?? models.chat,
});

function usageOf({ metrics: { inputTokens, outputTokens } }: Job) {
  const [prompt, completion] = [inputTokens ?? 0, outputTokens ?? 0];
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}
