import type { Summarizer } from '../engine.ts';
import { generate } from './generate.ts';
import { load, type Pipe } from './library.ts';
import type { LoadOptions } from './load-options.ts';
import { neutralise } from './neutralise.ts';
import { type Model, summarizeInRounds } from './rounds.ts';
import { bullets } from './sentences.ts';

export interface LoadedSummarizer extends Summarizer {
  /** Frees the model's memory. Nothing may be running, and nothing works afterwards. */
  dispose(): Promise<void>;
}

/** Window where a tokenizer does not say, or says something absurd (1e30 stands for "no limit"), in tokens. */
const usualWindow = 1024;
const absurdWindow = 1e6;
/** Below this a window holds no sentence. */
const leastWindow = 16;

/**
 * Loads a model that summarizes (T5, BART and their kin) from its folder. Takes seconds and blocks the event loop
 * meanwhile. Rejects when a file is missing or broken.
 */
export async function loadSummarizer({ id, dir, ...hardware }: LoadOptions): Promise<LoadedSummarizer> {
  const pipe = await load('summarization', dir, hardware);
  const model = modelOf(pipe, id);
  return {
    engine: 'transformers',
    model: id,
    async summarize({ text, minTokens, maxTokens, format }, context) {
      const plain = neutralise(text, pipe.tokenizer.all_special_tokens);
      const asBullets = format === 'bullets';
      // where a line ends is known at the end of its sentence only
      const output = asBullets ? () => {} : context.output;
      const written = await summarizeInRounds(model, plain, { minTokens, maxTokens }, { ...context, output });
      const summary = asBullets ? bullets(written.text) : written.text;
      if (asBullets && summary !== '') context.output(summary);
      return { summary, inputTokens: written.inputTokens, outputTokens: written.tokens };
    },
    dispose: () => pipe.dispose(),
  };
}

function modelOf(pipe: Pipe, id: string): Model {
  // the declarations promise a tokenizer, the library leaves it null where tokenizer_config.json is missing
  const tokenizer = pipe.tokenizer as Pipe['tokenizer'] | null;
  if (tokenizer === null) throw new Error(`${id} has no tokenizer`);
  const { prefix, positions } = settingsOf(pipe);
  const window = readable(tokenizer.model_max_length, positions) - tokenizer.encode(prefix).length;
  if (window < leastWindow) throw new Error(`${id} reads only ${window} tokens at once`);
  return {
    window,
    count: (text) => tokenizer.encode(text, { add_special_tokens: false }).length,
    generate: (text, bounds, listener, signal) => {
      const maxTokens = Math.min(bounds.maxTokens, positions);
      const minTokens = Math.min(bounds.minTokens, maxTokens);
      return generate(pipe, text, { minTokens, maxTokens }, listener, signal);
    },
  };
}

/** Tokens that the encoder takes at once, the special ones included. */
function readable(modelMaxLength: number, positions: number): number {
  const sane = modelMaxLength > 0 && modelMaxLength < absurdWindow ? modelMaxLength : usualWindow;
  return Math.min(sane, positions);
}

interface ModelConfigFile {
  prefix?: string | null;
  task_specific_params?: { summarization?: { prefix?: string | null } } | null;
  max_position_embeddings?: number | null;
}

/** What config.json says: the words put before every text, and how many positions the model knows (T5: any number). */
function settingsOf(pipe: Pipe): { prefix: string; positions: number } {
  // declared without the fields of a model's own
  const config = pipe.model.config as unknown as ModelConfigFile;
  const taskPrefix = config.task_specific_params?.summarization?.prefix ?? '';
  return {
    prefix: taskPrefix + (config.prefix ?? ''),
    positions: config.max_position_embeddings || Number.POSITIVE_INFINITY,
  };
}
