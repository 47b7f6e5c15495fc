import { logLength, type Measured } from './pace.ts';

/**
 * How long a job with an input of this length is likely to run, in milliseconds; undefined where nothing was measured.
 *
 * Between two lengths that were measured, a power of the length through both (a straight line in logarithms). Beyond the
 * first and the last, the trend of all of them from the nearest, as a power of the length between 0 and 1: a job's fixed
 * costs make it less than proportional, and work goes through long inputs in pieces, so it is not more.
 *
 * @param inputLength undefined where it is not known: then the mean of all runs.
 */
export function runTime(measured: readonly Measured[], inputLength: number | undefined): number | undefined {
  const first = measured[0];
  const last = measured.at(-1);
  if (!first || !last) return undefined;
  if (inputLength === undefined) return weightedMean(measured, ({ ms }) => ms);
  const length = logLength(inputLength);
  const after = measured.findIndex((point) => point.length >= length);
  const above = measured[after];
  const below = measured[after - 1];
  if (above && below) {
    const share = (length - below.length) / (above.length - below.length);
    return below.ms * (above.ms / below.ms) ** share;
  }
  const nearest = after === 0 ? first : last;
  return nearest.ms * 2 ** ((length - nearest.length) * trend(measured));
}

/** The slope of log2(run time) over log2(length) by least squares, between 0 and 1. */
function trend(measured: readonly Measured[]): number {
  const x = weightedMean(measured, ({ length }) => length);
  const y = weightedMean(measured, ({ ms }) => Math.log2(ms));
  const spread = weightedMean(measured, ({ length }) => (length - x) ** 2);
  const together = weightedMean(measured, ({ length, ms }) => (length - x) * (Math.log2(ms) - y));
  return spread === 0 ? 0 : Math.min(1, Math.max(0, together / spread));
}

function weightedMean(measured: readonly Measured[], of: (point: Measured) => number): number {
  const runs = measured.reduce((sum, point) => sum + point.runs, 0);
  return measured.reduce((sum, point) => sum + of(point) * point.runs, 0) / runs;
}

/**
 * What is left of a run, in milliseconds. One that takes longer than expected is likely to go on for some of the time it
 * has taken already: an eighth. In simulations with run times that vary by a quarter, none and a fourth erred more.
 */
export function restOf(expectedMs: number, elapsedMs: number): number {
  const elapsed = Math.max(0, elapsedMs);
  return Math.max(expectedMs - elapsed, elapsed / 8);
}
