import type { RunContext } from '../engine.ts';
import { expectedTokens, partBudget } from './budgets.ts';
import { createMeter, type Meter } from './meter.ts';
import { withoutLastSentence } from './sentences.ts';
import type { TextListener } from './text-stream.ts';
import { type CountTokens, splitIntoWindows, type Window } from './windows.ts';

export interface Bounds {
  minTokens: number;
  maxTokens: number;
}

export interface Generated {
  text: string;
  /** Without special tokens; never more than was asked for. */
  tokens: number;
}

/** What a summary of any length needs of a model. */
export interface Model {
  /** Tokens that a text may have to be read whole. */
  window: number;
  count: CountTokens;
  /** Summarizes what fits into the window; the listener's pieces are the summary. Rejects with the signal's reason. */
  generate(text: string, bounds: Bounds, listener: TextListener, signal: AbortSignal): Promise<Generated>;
}

/** A round must leave at most this share of the tokens. The budgets see to a third. */
const leastShrink = 0.75;

export interface LongSummary extends Generated {
  inputTokens: number;
}

/**
 * Summarizes a text of any length. What does not fit into the model's window is summarized part by part; the summaries,
 * one after the other, are the text of the next round, until the rest fits and is summarized to the bounds.
 * The lower bound gives way where the last text is shorter than it. Only the last round's text goes to the output.
 */
export async function summarizeInRounds(
  model: Model,
  text: string,
  bounds: Bounds,
  context: RunContext,
): Promise<LongSummary> {
  const { output, log, signal } = context;
  const meter = createMeter(context.report);
  let windows = await splitIntoWindows(text, model.window, model.count, signal);
  const inputTokens = tokensOf(windows);
  const parts = windows.length;
  log(`reading ${inputTokens.toLocaleString('en')} tokens${parts > 1 ? ` in ${parts} parts` : ''}`);
  for (let round = 1; windows.length > 1; round += 1) {
    if (round > 1) log(`round ${round}: ${windows.length} parts`);
    windows = await summarizeParts(model, windows, round, bounds, meter, context);
  }
  const last = windows[0] ?? { text, tokens: 0 };
  const maxTokens = bounds.maxTokens;
  const minTokens = Math.min(bounds.minTokens, last.tokens, maxTokens);
  meter.begin(parts === 1 ? 'writing the summary' : `joining ${parts} parts`, Math.min(maxTokens, last.tokens));
  const listener = { onText: output, onToken: () => meter.add(1) };
  const summary = await model.generate(last.text, { minTokens, maxTokens }, listener, signal);
  if (summary.tokens >= maxTokens) log(`the summary ended at its limit of ${maxTokens.toLocaleString('en')} tokens`);
  return { ...summary, inputTokens };
}

/** One round. Resolves to the windows of the next, with fewer tokens than these. */
async function summarizeParts(
  model: Model,
  windows: Window[],
  round: number,
  bounds: Bounds,
  meter: Meter,
  { log, signal }: RunContext,
): Promise<Window[]> {
  const budgets = windows.map(({ tokens }) => partBudget(tokens, windows.length, model.window));
  const afterwards = expectedTokens(sum(budgets), model.window, bounds.maxTokens);
  const summaries: string[] = [];
  for (const [i, { text }] of windows.entries()) {
    const maxTokens = budgets[i] as number;
    const part = `part ${i + 1} of ${windows.length}`;
    meter.begin(round === 1 ? part : `round ${round}, ${part}`, sum(budgets.slice(i)) + afterwards);
    let generated = 0;
    const onToken = () => {
      generated += 1;
      meter.add(1);
    };
    const listener = { onText: () => {}, onToken };
    const summary = await model.generate(text, { minTokens: Math.floor(maxTokens / 4), maxTokens }, listener, signal);
    meter.add(Math.max(0, maxTokens - generated));
    summaries.push(summary.tokens < maxTokens ? summary.text : withoutLastSentence(summary.text));
  }
  const next = await splitIntoWindows(summaries.join(' '), model.window, model.count, signal);
  if (tokensOf(next) <= tokensOf(windows) * leastShrink) return next;
  // a model whose words take more tokens when read than when written must come to an end as well
  log('the parts hardly became shorter: going on with the beginning alone');
  return next.slice(0, Math.floor(windows.length / 2));
}

function tokensOf(windows: Window[]): number {
  return sum(windows.map(({ tokens }) => tokens));
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
