import { CodedError } from '@slipway/contract/problems';

/** Wrong keys that one address may show in a window, unless a right one came from there in it. */
const mostWrong = 20;
const windowMs = 60_000;
/** More addresses than this are not remembered, so that a flood of them can't fill the memory: about 10 MB. */
const mostAddresses = 100_000;

export interface Guesses {
  /** Throws CodedError `rate_limited` for an address that has shown too many wrong keys. */
  check(address: string): void;
  /** Counts one wrong key. */
  count(address: string): void;
  /** A right key came from there: behind one proxy a stranger must not lock out those who have theirs. */
  trust(address: string): void;
}

/**
 * Slows down who tries keys. Kept in this process: it must hold when Redis does not, and N gateways allow N times a
 * number that is small. `now` is in ms and never goes back.
 */
export function createGuesses(now: () => number = () => performance.now(), allowed = mostWrong): Guesses {
  const counts = new Map<string, number>();
  const trusted = new Set<string>();
  let windowEnds = 0;

  function turnWindow(): void {
    if (now() < windowEnds) return;
    counts.clear();
    trusted.clear();
    windowEnds = now() + windowMs;
  }

  return {
    check(address) {
      turnWindow();
      if (trusted.has(address) || (counts.get(address) ?? 0) < allowed) return;
      const retryAfterSeconds = Math.ceil((windowEnds - now()) / 1000);
      throw new CodedError(
        'rate_limited',
        `Too many wrong tries came from this address. Try again in ${retryAfterSeconds} s.`,
        { retryAfterSeconds },
      );
    },
    trust(address) {
      turnWindow();
      if (trusted.size < mostAddresses) trusted.add(address);
    },
    count(address) {
      turnWindow();
      const oldest = counts.size >= mostAddresses ? counts.keys().next().value : undefined;
      if (oldest !== undefined && !counts.has(address)) counts.delete(oldest);
      counts.set(address, (counts.get(address) ?? 0) + 1);
    },
  };
}
