import type { Job } from '@slipway/contract/jobs';
import type { Fact } from '../../../ui/Facts.tsx';
import { sentence } from '../../../ui/sentence.ts';
import { duration } from './duration.ts';

type Metrics = Job['metrics'];

/** How a job that has ended was done: by what, how long each part took, how much was read and written. */
export function jobFacts({ engine, engineReason, model, metrics }: Job): Fact[] {
  const { queuedMs, firstTokenMs, runMs, inputTokens, outputTokens } = metrics;
  // only a model has tokens; the other engines count words
  const unit = model === null ? 'Words' : 'Tokens';
  return [
    fact('Engine', engine, 'engine'),
    fact('Why this engine', engineReason, undefined, sentence),
    fact('Model', model, 'model'),
    fact('Waited', queuedMs, 'waited', duration),
    fact('First text after', firstTokenMs, 'first-text', duration),
    fact('Ran', runMs, 'ran', duration),
    fact(`${unit} in`, inputTokens, 'tokens-in', amount),
    fact(`${unit} out`, outputTokens, 'tokens-out', amount),
    fact(
      'Speed',
      model === null ? null : tokensPerSecond(metrics),
      'speed',
      (speed) => `${speed.toFixed(speed < 10 ? 1 : 0)} tokens/s`,
    ),
  ].filter((known) => known !== null);
}

function fact<T extends string | number>(
  name: string,
  value: T | null,
  testId?: string,
  say: (value: T) => string = String,
): Fact | null {
  return value === null ? null : { name, value: say(value), ...(testId && { testId }) };
}

const amount = (count: number) => count.toLocaleString('en');

/** From the first text to the end; null where no text came before the end, or too little to tell. */
function tokensPerSecond({ firstTokenMs, runMs, outputTokens }: Metrics): number | null {
  if (firstTokenMs === null || runMs === null || outputTokens === null) return null;
  if (outputTokens < 2 || runMs <= firstTokenMs) return null;
  return (outputTokens - 1) / ((runMs - firstTokenMs) / 1000);
}
