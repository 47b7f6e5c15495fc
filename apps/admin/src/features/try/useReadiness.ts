import type { Readiness } from '@slipway/contract/readiness';
import { useEffect, useState } from 'react';
import { service } from '../../api.ts';

/** Pauses between two looks in milliseconds: while something is about to change, and else. */
const soonMs = 5_000;
const rarelyMs = 60_000;
/** A new job may bring its model, of which the worker tells a little later: so many looks after it come soon. */
const soonLooks = 4;

/**
 * What the service says of itself, looked at again and again, and anew for another job: undefined before the first
 * answer, null while it is out of reach.
 */
export function useReadiness(jobId: string | null): Readiness | null | undefined {
  const [readiness, setReadiness] = useState<Readiness | null>();
  // `jobId` is not read: another one is a reason to look
  useEffect(() => {
    let stopped = false;
    let timer: number | undefined;
    let looks = 0;
    const look = async () => {
      const next = await service()
        .readiness()
        .catch(() => null);
      if (stopped) return;
      setReadiness(next);
      looks += 1;
      timer = window.setTimeout(look, looks > soonLooks && isSettled(next) ? rarelyMs : soonMs);
    };
    void look();
    return () => {
      stopped = true;
      window.clearTimeout(timer);
    };
  }, [jobId]);
  return readiness;
}

function isSettled(readiness: Readiness | null): boolean {
  if (!readiness?.ready) return false;
  const states = Object.values(readiness.tasks).map(({ model }) => model?.state);
  return !states.includes('downloading') && !states.includes('loading');
}
