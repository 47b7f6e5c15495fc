import { RateLimited } from '@slipway/queue/rate-limit';

/** Wrong keys that one address may show in a window. */
const mostWrong = 20;
const windowMs = 60_000;
/** More addresses than this are not remembered, so that a flood of them can't fill the memory: about 10 MB. */
const mostAddresses = 100_000;
/** Of the right keys and where they came from, about 2 MB. */
const mostTrusted = 10_000;

export interface Guesses {
  /**
   * Throws RateLimited for an address that has shown too many wrong keys, but not with a right key, by its
   * hash, that came from there before: behind one proxy a stranger must not lock out those who have theirs.
   */
  check(address: string, rightKey?: string): void;
  /** Counts one wrong key. */
  count(address: string): void;
  /** A right key, by its hash, came from there. */
  trust(address: string, rightKey: string): void;
}

/**
 * Slows down who tries keys. Kept in this process: it must hold when Redis does not, and N gateways allow N times a
 * number that is small. `now` is in ms and never goes back.
 */
export function createGuesses(now: () => number = () => performance.now(), allowed = mostWrong): Guesses {
  const counts = new Map<string, number>();
  const trusted = new Set<string>(); // the newest last
  let windowEnds = 0;

  function turnWindow(): void {
    if (now() < windowEnds) return;
    counts.clear();
    windowEnds = now() + windowMs;
  }

  return {
    check(address, rightKey) {
      turnWindow();
      if ((counts.get(address) ?? 0) < allowed) return;
      if (rightKey !== undefined && trusted.has(pair(address, rightKey))) return;
      const resetSeconds = Math.ceil((windowEnds - now()) / 1000);
      const message = `Too many wrong tries came from this address. Try again in ${resetSeconds} s.`;
      const standing = { policy: 'wrong-tries', limit: allowed, windowSeconds: windowMs / 1000 };
      throw new RateLimited(message, { ...standing, remaining: 0, resetSeconds });
    },
    trust(address, rightKey) {
      trusted.delete(pair(address, rightKey));
      dropOldest(trusted, mostTrusted);
      trusted.add(pair(address, rightKey));
    },
    count(address) {
      turnWindow();
      if (!counts.has(address)) dropOldest(counts, mostAddresses);
      counts.set(address, (counts.get(address) ?? 0) + 1);
    },
  };
}

const pair = (address: string, rightKey: string) => `${address} ${rightKey}`;

/** Makes room for one more. */
function dropOldest(kept: Map<string, unknown> | Set<string>, most: number): void {
  const oldest = kept.size >= most ? kept.keys().next().value : undefined;
  if (oldest !== undefined) kept.delete(oldest);
}
