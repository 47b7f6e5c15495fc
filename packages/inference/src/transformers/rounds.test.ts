import { expect, test } from 'vitest';
import { testContext } from '../test-context.ts';
import { type Bounds, type Model, summarizeInRounds } from './rounds.ts';

const never = new AbortController().signal;
const count = (text: string) => (text.match(/\S+/g) ?? []).length;

interface Call {
  tokens: number;
  bounds: Bounds;
}

/** A model with a window of 100 words that gives back the first words of its text. */
function copier(say: (words: string[]) => string = (words) => words.join(' ')) {
  const calls: Call[] = [];
  const model: Model = {
    window: 100,
    count,
    async generate(text, bounds, { onText, onToken }, signal) {
      signal.throwIfAborted();
      calls.push({ tokens: count(text), bounds });
      const words = text.split(/\s+/).filter(Boolean).slice(0, bounds.maxTokens);
      for (const i of words.keys()) onToken(i + 1);
      onText(say(words));
      return { text: say(words), tokens: words.length };
    },
  };
  return { model, calls };
}

function run(model: Model, text: string, bounds: Bounds, signal = never) {
  const { context, ...told } = testContext({ signal });
  return { ...told, summary: summarizeInRounds(model, text, bounds, context) };
}

const sentencesOf = (n: number) => Array.from({ length: n }, (_, i) => `Sentence number ${i} says so.`).join(' ');

test('a short text takes one call, with the bounds as they are', async () => {
  const { model, calls } = copier();
  const { summary, reports, logs } = run(model, sentencesOf(10), { minTokens: 10, maxTokens: 20 });
  expect(await summary).toMatchObject({ inputTokens: 50, tokens: 20 });
  expect(calls).toEqual([{ tokens: 50, bounds: { minTokens: 10, maxTokens: 20 } }]);
  expect(new Set(reports.map(({ message }) => message))).toEqual(new Set(['writing the summary']));
  expect(reports.at(-1)?.ratio).toBe(1);
  expect(logs).toEqual(['reading 50 tokens', 'the summary ended at its limit of 20 tokens']);
});

test('the lower bound gives way to a text that is shorter', async () => {
  const { model, calls } = copier();
  await run(model, sentencesOf(2), { minTokens: 60, maxTokens: 200 }).summary;
  expect(calls[0]?.bounds).toEqual({ minTokens: 10, maxTokens: 200 });
});

test('a long text is summarized part by part, then the parts together', async () => {
  const { model, calls } = copier();
  const { summary, reports } = run(model, sentencesOf(60), { minTokens: 10, maxTokens: 20 });
  expect(await summary).toMatchObject({ inputTokens: 300, tokens: 20 });
  expect(calls.map(({ tokens }) => tokens)).toEqual([100, 100, 100, 90]);
  // a third of a part, as 48 tokens would be more; cut back to whole sentences
  expect(calls[0]?.bounds).toEqual({ minTokens: 8, maxTokens: 33 });
  expect([...new Set(reports.map(({ message }) => message))]).toEqual([
    'part 1 of 3',
    'part 2 of 3',
    'part 3 of 3',
    'joining 3 parts',
  ]);
});

test('takes as many rounds as it needs, and its progress never goes back', async () => {
  const { model, calls } = copier();
  const { summary, reports, outputs, logs } = run(model, sentencesOf(2000), { minTokens: 10, maxTokens: 20 });
  const { text, ...numbers } = await summary;
  expect(numbers).toEqual({ inputTokens: 10_000, tokens: 20 });
  // of the parts nothing: they are no piece of the summary
  expect(outputs).toEqual([text]);
  expect(logs).toEqual([
    'reading 10,000 tokens in 100 parts',
    'round 2: 30 parts',
    'round 3: 9 parts',
    'round 4: 3 parts',
    'the summary ended at its limit of 20 tokens',
  ]);
  expect(reports.map(({ message }) => message)).toContain('round 2, part 1 of 30');
  const ratios = reports.map(({ ratio }) => ratio);
  expect(ratios).toEqual(ratios.toSorted((a, b) => a - b));
  expect(ratios.at(-1)).toBe(1);
  expect(Math.max(...calls.map(({ tokens }) => tokens))).toBeLessThanOrEqual(100);
});

test.each([1, 3, 10])('ends when every token it writes is read as %i', async (factor) => {
  const { model, calls } = copier((words) => words.flatMap((word) => Array(factor).fill(word)).join(' '));
  const summary = await run(model, sentencesOf(200), { minTokens: 1, maxTokens: 20 }).summary;
  expect(summary.tokens).toBe(20);
  expect(calls.length).toBeLessThan(40);
});

test('a model that ends early leaves no gap in the progress', async () => {
  const { model } = copier();
  const terse: Model = {
    ...model,
    generate: (text, bounds, ...rest) => model.generate(text, { ...bounds, maxTokens: 2 }, ...rest),
  };
  const { summary, reports } = run(terse, sentencesOf(60), { minTokens: 1, maxTokens: 20 });
  await summary;
  const second = reports.find(({ message }) => message === 'part 2 of 3');
  expect(second?.ratio).toBeCloseTo(33 / (3 * 33 + 20));
});

test('no part is begun after an abort', async () => {
  const { model, calls } = copier();
  const controller = new AbortController();
  const gone = new Error('gone');
  const aborting: Model = {
    ...model,
    generate: (...args) => {
      if (calls.length === 2) controller.abort(gone);
      return model.generate(...args);
    },
  };
  const { summary } = run(aborting, sentencesOf(60), { minTokens: 1, maxTokens: 20 }, controller.signal);
  await expect(summary).rejects.toBe(gone);
  expect(calls).toHaveLength(2);
});
