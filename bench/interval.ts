import { seededRandom } from './random.ts';

export interface Interval {
  mean: number;
  /** 95 of 100 samples of as many documents have their mean in here. */
  low: number;
  high: number;
}

const samples = 2000;

/** Mean of some values, with its bootstrap percentile interval (Efron, 1979). The same values give the same interval. */
export function bootstrap(values: number[]): Interval {
  if (values.length === 0) return { mean: 0, low: 0, high: 0 };
  const random = seededRandom(20_260_101);
  const means = Array.from({ length: samples }, () => {
    let sum = 0;
    for (let draw = 0; draw < values.length; draw++) sum += values[Math.floor(random() * values.length)] as number;
    return sum / values.length;
  }).sort((a, b) => a - b);
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    low: means[Math.floor(0.025 * samples)] as number,
    high: means[Math.ceil(0.975 * samples) - 1] as number,
  };
}
