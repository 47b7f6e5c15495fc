import type { Labels } from '@slipway/contract/labels';
import type { RunContext, TextClassifier } from '../engine.ts';
import { load } from './library.ts';
import type { LoadOptions } from './load-options.ts';
import { neutralise } from './neutralise.ts';
import { splitIntoWindows } from './windows.ts';

/** Longest input where a tokenizer does not say, or says something absurd, in tokens. */
const usualWindow = 512;
const absurdWindow = 1e6;

/**
 * Loads a model that puts a text into one of its classes. A text longer than the model's window is read in windows, and
 * a label's score is the mean over them, each weighing as many tokens as it holds: the library would cut it in silence.
 */
export async function loadTextClassifier({ id, dir, ...hardware }: LoadOptions): Promise<TextClassifier> {
  const pipe = await load('text-classification', dir, hardware);
  const tokenizer = pipe.tokenizer as typeof pipe.tokenizer | null;
  if (tokenizer === null) throw new Error(`${id} has no tokenizer`);
  const declared = tokenizer.model_max_length;
  const specials = tokenizer.encode('').length;
  const window = (declared > 0 && declared < absurdWindow ? declared : usualWindow) - specials;
  const count = (text: string) => tokenizer.encode(text, { add_special_tokens: false }).length;

  return {
    model: id,
    async classifyText({ text, topK }, { report, signal }: RunContext) {
      const plain = neutralise(text, tokenizer.all_special_tokens);
      const windows = await splitIntoWindows(plain, window, count, signal);
      const sums = new Map<string, number>();
      let done = 0;
      const total = windows.reduce((sum, { tokens }) => sum + tokens, 0);
      for (const part of windows) {
        signal.throwIfAborted();
        const weight = total === 0 ? 1 / windows.length : part.tokens / total;
        // null: every label; the declarations only know numbers
        const labels = (await pipe(part.text, { top_k: null as unknown as number })) as Labels;
        for (const { label, score } of labels) sums.set(label, (sums.get(label) ?? 0) + score * weight);
        done += 1;
        report({ ratio: done / windows.length, stage: 'classifying', message: `part ${done} of ${windows.length}` });
      }
      return { labels: best(sums, topK), inputTokens: total };
    },
  };
}

function best(scores: Map<string, number>, topK: number): Labels {
  const labels = [...scores].map(([label, score]) => ({ label, score: Math.min(1, score) }));
  return labels.sort((a, b) => b.score - a.score).slice(0, topK);
}
