import { readLines } from '@slipway/inference/extractive/lines';
import { splitBlocks } from '@slipway/inference/extractive/paragraphs';
import { splitSentences } from '@slipway/inference/extractive/sentences';
import { createExtractiveSummarizer } from '@slipway/inference/extractive/summarizer';
import { readTranscript } from '@slipway/inference/extractive/transcript';
import { splitWords } from '@slipway/inference/extractive/words';
import { type Baseline, baselines } from './baselines.ts';
import { fillBudget } from './budget.ts';

/** A text's summary of at most so many words. */
export type Method = (text: string, budget: number) => string | Promise<string>;

export const engineName = 'extractive';

/**
 * The engine as a job gets it, and the baselines on the same sentences. The engine prints whole sentences; the baselines
 * are cut at the last word of the budget, which is a little advantage to them.
 */
export const methods: Record<string, Method> = {
  ...Object.fromEntries(Object.entries(baselines).map(([name, baseline]) => [name, onSentences(baseline)])),
  [engineName]: runEngine,
};

function onSentences(baseline: Baseline): Method {
  return (text, budget) => {
    const texts = splitBlocks(readTranscript(readLines(text))).flatMap(splitSentences);
    const words = texts.map(splitWords);
    return fillBudget(texts, baseline({ texts, words }, budget), budget);
  };
}

const engine = createExtractiveSummarizer();

async function runEngine(text: string, budget: number): Promise<string> {
  const maxTokens = Math.ceil(budget / 0.75); // a token stands for 0.75 words
  const context = { report: () => {}, output: () => {}, log: () => {}, signal: new AbortController().signal };
  return (await engine.summarize({ text, minTokens: 1, maxTokens, format: 'paragraph' }, context)).summary;
}
