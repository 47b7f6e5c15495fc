import {
  env,
  type ImageClassificationPipeline,
  InterruptableStoppingCriteria,
  LogLevel,
  pipeline,
  RawImage,
  random,
  type SummarizationPipeline,
  type TextClassificationPipeline,
  type TextGenerationPipeline,
  type TextStreamer,
} from '@huggingface/transformers';
import type { Device, Dtype } from '@slipway/contract/engines';
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

/** The library's pipelines that this house uses, by the library's own names. */
interface Pipelines {
  summarization: SummarizationPipeline;
  'text-classification': TextClassificationPipeline;
  'image-classification': ImageClassificationPipeline;
  'text-generation': TextGenerationPipeline;
}

/** What weights to run, where, and on how many threads. */
export interface Hardware {
  dtype: Dtype;
  device: Device;
  threads: number;
}

/** Loads a model from its folder, without network. Takes seconds, and blocks the event loop meanwhile. */
export function load<K extends keyof Pipelines>(kind: K, dir: string, { dtype, device, threads }: Hardware) {
  configure();
  return loadFrom(dir, async (name) => {
    const pipe = await pipeline(kind, name, {
      dtype,
      device,
      session_options: {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        // a thread that waits for work sleeps instead: a third less CPU time at the same speed
        extra: { session: { intra_op: { allow_spinning: '0' } } },
      },
    });
    return pipe as Pipelines[K]; // the declared result is the union of all pipelines
  });
}

/** An image as the library takes it: `data` holds width × height × 3 bytes, row by row, red green blue. */
export const rgbImage = (data: Uint8Array, width: number, height: number) => new RawImage(data, width, height, 3);

/** Makes the sampling of this process repeatable until the next call; undefined seeds it from the system. */
export const seedSampling = (seed: number | undefined) => random.seed(seed);

export interface ChatRunOptions {
  maxNewTokens: number;
  /** 0: always the most probable token. */
  temperature: number;
  sink: TokenSink;
  /** Ends the generation after the step that is being computed, with what there is. */
  stop: InterruptableStoppingCriteria;
}

export const newStop = () => new InterruptableStoppingCriteria();

/** Generates the next message of a conversation; the text arrives through the sink. */
export async function runChat(
  pipe: TextGenerationPipeline,
  messages: { role: string; content: string }[],
  { maxNewTokens, temperature, sink, stop }: ChatRunOptions,
): Promise<void> {
  await pipe(messages, {
    max_new_tokens: maxNewTokens,
    ...(temperature > 0 ? { do_sample: true, temperature } : { do_sample: false }),
    // declared as a whole TextStreamer, though only put() and end() are called
    streamer: sink as unknown as TextStreamer,
    stopping_criteria: stop,
  });
}

/**
 * Summarizes one text that fits into the model's window; the summary arrives through the sink. One at a time: the
 * library's batches go wrong when one of their texts ends before the others. An abort ends it after the step that is
 * being computed, and rejects with the signal's reason.
 */
export async function runPipe(pipe: Pipe, text: string, options: RunOptions): Promise<void> {
  const { minNewTokens, maxNewTokens, sink, signal } = options;
  signal.throwIfAborted();
  const stop = new InterruptableStoppingCriteria();
  const interrupt = () => stop.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    await pipe(text, {
      // always given: the library's default is 256, and a model's own min_length may exceed what is wanted here
      max_new_tokens: maxNewTokens,
      min_new_tokens: minNewTokens,
      min_length: 0,
      // declared as a whole TextStreamer, though only put() and end() are called
      streamer: sink as unknown as TextStreamer,
      stopping_criteria: stop,
    });
    signal.throwIfAborted();
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
