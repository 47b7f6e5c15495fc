import type { Labels } from '@slipway/contract/labels';
import type { TextClassifier } from '../engine.ts';
import { load } from './library.ts';
import type { LoadOptions } from './load-options.ts';
import { createMicroBatch } from './micro-batch.ts';
import { neutralise } from './neutralise.ts';
import { batchLimits } from './plan-batches.ts';
import { measureSharing, textProbes } from './sharing.ts';
import { splitIntoWindows, type Window } from './windows.ts';

/** Longest input where a tokenizer does not say, or says something absurd, in tokens. */
const usualWindow = 512;
const absurdWindow = 1e6;

/**
 * Loads a model that puts a text into one of its classes. A text longer than the model's window is read in windows, and
 * a label's score is the mean over them, each weighing as many tokens as it holds: the library would cut it in silence.
 * Texts that come at about the same time are computed together, where the model gives each of them the same as alone.
 */
export async function loadTextClassifier({ id, dir, ...hardware }: LoadOptions): Promise<TextClassifier> {
  const pipe = await load('text-classification', dir, hardware);
  const tokenizer = pipe.tokenizer as typeof pipe.tokenizer | null;
  if (tokenizer === null) throw new Error(`${id} has no tokenizer`);
  const declared = tokenizer.model_max_length;
  const specials = tokenizer.encode('').length;
  const window = (declared > 0 && declared < absurdWindow ? declared : usualWindow) - specials;
  const count = (text: string) => tokenizer.encode(text, { add_special_tokens: false }).length;
  // null: every label; the declarations only know numbers
  const allLabels = { top_k: null as unknown as number };
  const runBatch = async (texts: string[]) => (await pipe(texts, allLabels)) as unknown as Labels[];
  const limits = batchLimits(hardware.device);
  const batch = createMicroBatch({
    runBatch,
    measureSharing() {
      const { equal, mixed } = textProbes(count);
      return measureSharing(runBatch, equal, mixed);
    },
    limits,
  });

  return {
    model: id,
    async classifyText({ text, topK }, { report, log, signal }) {
      const plain = neutralise(text, tokenizer.all_special_tokens);
      const windows = await splitIntoWindows(plain, window, count, signal);
      const total = windows.reduce((sum, { tokens }) => sum + tokens, 0);
      const parts = windows.length > 1 ? ` in ${windows.length} parts` : '';
      log(`reading ${total.toLocaleString('en')} tokens${parts}`);
      let done = 0;
      const classify = async (part: Window): Promise<Labels> => {
        const labels = await batch.add(part.text, part.tokens + specials, signal);
        done += 1;
        report({ ratio: done / windows.length, stage: 'classifying', message: `part ${done} of ${windows.length}` });
        return labels;
      };
      const sums = new Map<string, number>();
      // one batch's worth at a time: a short text need not wait for the whole of a long one
      for (let from = 0; from < windows.length; from += limits.maxRows) {
        const some = windows.slice(from, from + limits.maxRows);
        const classified = await Promise.all(some.map(classify));
        for (const [i, part] of some.entries()) {
          const weight = total === 0 ? 1 / windows.length : part.tokens / total;
          for (const { label, score } of classified[i] ?? []) sums.set(label, (sums.get(label) ?? 0) + score * weight);
        }
      }
      return { labels: best(sums, topK), inputTokens: total };
    },
  };
}

function best(scores: Map<string, number>, topK: number): Labels {
  const labels = [...scores].map(([label, score]) => ({ label, score: Math.min(1, score) }));
  return labels.sort((a, b) => b.score - a.score).slice(0, topK);
}
