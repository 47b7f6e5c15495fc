import {
  env,
  InterruptableStoppingCriteria,
  LogLevel,
  pipeline,
  type SummarizationPipeline,
  type TextStreamer,
} from '@huggingface/transformers';
import type { Dtype } from '@slipway/contract/engines';
import { answer, loadFrom, nowhere } from './folders.ts';

/** The only importer of transformers.js. Everything here was checked in the source of 4.3.1. */

export type Pipe = SummarizationPipeline;

/** Takes the ids of tokens as they are generated; the first call brings what the decoder starts with. */
export interface TokenSink {
  put(ids: bigint[][]): void;
  end(): void;
}

export interface RunOptions {
  minNewTokens: number;
  maxNewTokens: number;
  sink: TokenSink;
  signal: AbortSignal;
}

/** Loads a model from its folder, without network. Takes seconds, and blocks the event loop meanwhile. */
export function loadPipe(dir: string, dtype: Dtype, threads: number): Promise<Pipe> {
  configure();
  return loadFrom(dir, (name) =>
    pipeline('summarization', name, {
      dtype,
      device: 'cpu',
      session_options: {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        // a thread that waits for work sleeps instead: a third less CPU time at the same speed
        extra: { session: { intra_op: { allow_spinning: '0' } } },
      },
    }),
  );
}

/**
 * Summarizes one text that fits into the model's window. One at a time: the library's batches go wrong when one of
 * their texts ends before the others. An abort ends it after the step that is being computed, and rejects with the
 * signal's reason.
 */
export async function runPipe(pipe: Pipe, text: string, options: RunOptions): Promise<string> {
  const { minNewTokens, maxNewTokens, sink, signal } = options;
  signal.throwIfAborted();
  const stop = new InterruptableStoppingCriteria();
  const interrupt = () => stop.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const [output] = await pipe(text, {
      // always given: the library's default is 256, and a model's own min_length may exceed what is wanted here
      max_new_tokens: maxNewTokens,
      min_new_tokens: minNewTokens,
      min_length: 0,
      // declared as a whole TextStreamer, though only put() and end() are called
      streamer: sink as unknown as TextStreamer,
      stopping_criteria: stop,
    });
    signal.throwIfAborted();
    return output?.summary_text ?? '';
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

function configure(): void {
  // the library prints the input's token ids when a run fails
  env.logLevel = LogLevel.NONE;
  env.allowRemoteModels = false;
  env.useFSCache = false;
  env.useBrowserCache = false;
  env.useWasmCache = false;
  // the library asks the cache for a local and for a remote address of each file: make them the same
  env.localModelPath = nowhere;
  env.remoteHost = nowhere;
  env.remotePathTemplate = '{model}/';
  env.useCustomCache = true;
  env.customCache = { match: answer, put: async () => {} };
}
