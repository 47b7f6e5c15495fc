import { CodedError } from '@slipway/contract/problems';
import type { ChatModel } from '../engine.ts';
import { load, newStop, runChat, seedSampling } from './library.ts';
import type { LoadOptions } from './load-options.ts';
import { neutralise } from './neutralise.ts';
import { createRelease } from './release.ts';
import { textStream } from './text-stream.ts';

/** Window where neither tokenizer nor configuration says one, in tokens. */
const usualWindow = 2048;
const absurdWindow = 1e6;

/** Loads a model that continues conversations; its chat template must stand in tokenizer_config.json. */
export async function loadChatModel({ id, dir, ...hardware }: LoadOptions): Promise<ChatModel> {
  const pipe = await load('text-generation', dir, hardware);
  const tokenizer = pipe.tokenizer as typeof pipe.tokenizer | null;
  if (tokenizer === null) throw new Error(`${id} has no tokenizer`);
  if (!tokenizer.chat_template) throw new Error(`${id} has no chat template, so it cannot hold a conversation`);
  const declared = tokenizer.model_max_length;
  const window = declared > 0 && declared < absurdWindow ? declared : usualWindow;

  return {
    model: id,
    async answer({ messages, maxTokens, temperature, stop, seed }, { report, output, log, signal }) {
      const plain = messages.map(({ role, content }) => ({
        role,
        content: neutralise(content, tokenizer.all_special_tokens),
      }));
      const prompt = tokenizer.apply_chat_template(plain, {
        add_generation_prompt: true,
        return_tensor: false,
        return_dict: false,
      });
      const inputTokens = (prompt as unknown as number[]).length;
      const room = window - inputTokens;
      if (room < 1)
        throw new CodedError('invalid_input', `The conversation has ${inputTokens} tokens; the model reads ${window}.`);

      const most = Math.min(maxTokens, room);
      const limit = `${most.toLocaleString('en')} tokens`;
      log(`reading a conversation of ${inputTokens.toLocaleString('en')} tokens; the answer may have ${limit}`);
      const stopping = newStop();
      const interrupt = () => stopping.interrupt();
      const answer = createRelease({ stop, send: output });
      const stream = textStream(tokenizer, {
        onText: answer.add,
        onToken(tokens) {
          if (answer.stopped()) interrupt();
          report({
            ratio: Math.min(1, tokens / most),
            stage: 'answering',
            message: `${tokens} of at most ${most} tokens`,
          });
        },
      });
      signal.throwIfAborted();
      signal.addEventListener('abort', interrupt, { once: true });
      seedSampling(seed);
      try {
        await runChat(pipe, plain, { maxNewTokens: most, temperature, sink: stream, stop: stopping });
      } finally {
        signal.removeEventListener('abort', interrupt);
      }
      signal.throwIfAborted();

      const message = { role: 'assistant', content: answer.finish() } as const;
      const ended = answer.stopped() || stream.tokens() < most || stream.endedByModel();
      if (answer.stopped()) log('the answer ended at a stop string');
      if (!ended) log(`the answer ended at its limit of ${limit}`);
      const finishReason = ended ? 'stop' : 'length';
      return { message, finishReason, inputTokens, outputTokens: stream.tokens() };
    },
  };
}
