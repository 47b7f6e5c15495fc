import type { Progress } from '@slipway/contract/jobs';

/** Tells how far a summary is: tokens generated, of those expected. */
export interface Meter {
  /** A new stretch of work: its name for people, and what is expected from here to the end. */
  begin(message: string, expectedTokens: number): void;
  /** Tokens were generated, or turned out not to be needed. */
  add(tokens: number): void;
}

/** The ratio never falls, though a new expectation may be greater than the one before. */
export function createMeter(report: (progress: Progress) => void): Meter {
  let done = 0;
  let total = 0;
  let ratio = 0;
  let message = '';
  const tell = () => {
    if (total > 0) ratio = Math.max(ratio, Math.min(1, done / total));
    report({ ratio, stage: 'summarizing', message });
  };
  return {
    begin(next, expectedTokens) {
      message = next;
      total = done + expectedTokens;
      tell();
    },
    add(tokens) {
      done += tokens;
      tell();
    },
  };
}
